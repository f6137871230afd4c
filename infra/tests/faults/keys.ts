import type { Random } from '../support/random.ts';
import type { SeenUser } from './history/operation.ts';

/** Users deleted last that are still asked for. */
const remembered = 8;

/** The few users that all clients of a run fight over, as far as their answers tell. */
export class KeySpace {
  /** How many users there should be. */
  readonly size: number;
  readonly #live = new Map<number, SeenUser>();
  readonly #gone = new Set<number>();
  #highest = 0;

  constructor(size: number) {
    this.size = size;
  }

  get lacks(): boolean {
    return this.#live.size < this.size;
  }

  get isEmpty(): boolean {
    return this.#live.size === 0;
  }

  get highest(): number {
    return this.#highest;
  }

  saw(user: SeenUser): void {
    this.#highest = Math.max(this.#highest, user.id);
    const known = this.#live.get(user.id);
    if (this.#gone.has(user.id) || (known && known.version >= user.version)) return;
    this.#live.set(user.id, user);
  }

  lost(id: number): void {
    this.#live.delete(id);
    this.#gone.add(id);
  }

  /** Every other time one of the two oldest, so that some users are hot. */
  pick(random: Random): SeenUser {
    const users = [...this.#live.values()];
    return random.chance(0.5) ? random.pick(users.slice(0, 2)) : random.pick(users);
  }

  pickGone(random: Random): number | undefined {
    const ids = [...this.#gone].slice(-remembered);
    return ids.length === 0 ? undefined : random.pick(ids);
  }
}
