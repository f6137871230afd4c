/** The set of users that all clients of a run work on. */
import type { Random } from '../support/random.ts';
import type { SeenUser } from './history/operation.ts';

/** How many of the users that were deleted last are still asked for. */
const maxGone = 8;

/** A small set, so that clients collide. It knows the users that responses have shown. */
export class KeySpace {
  /** How many users writers keep alive. */
  readonly size: number;
  readonly #live = new Map<number, SeenUser>();
  readonly #gone = new Set<number>();
  #highest = 0;

  constructor(size: number) {
    this.size = size;
  }

  /** Whether there are fewer users than `size`. */
  get lacks(): boolean {
    return this.#live.size < this.size;
  }

  get isEmpty(): boolean {
    return this.#live.size === 0;
  }

  /** The highest id that a response has shown. */
  get highest(): number {
    return this.#highest;
  }

  /** Takes note of a user in a response. */
  saw(user: SeenUser): void {
    this.#highest = Math.max(this.#highest, user.id);
    const known = this.#live.get(user.id);
    if (this.#gone.has(user.id) || (known && known.version >= user.version)) return;
    this.#live.set(user.id, user);
  }

  /** Takes note of a user that is deleted. */
  lost(id: number): void {
    this.#live.delete(id);
    this.#gone.add(id);
  }

  /** Picks one of the two oldest users every other time, so that some users are hot. */
  pick(random: Random): SeenUser {
    const users = [...this.#live.values()];
    return random.chance(0.5) ? random.pick(users.slice(0, 2)) : random.pick(users);
  }

  /** Picks a deleted user; undefined if there is none. */
  pickGone(random: Random): number | undefined {
    const ids = [...this.#gone].slice(-maxGone);
    return ids.length === 0 ? undefined : random.pick(ids);
  }
}
