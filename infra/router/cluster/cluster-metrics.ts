/** Collects the snapshots of all router processes. */
import { ended, merge } from '../control/merge.ts';
import { type RouterSnapshot, takeSnapshot } from '../control/snapshot.ts';
import { Questions } from './pending-requests.ts';

/** Milliseconds that a process may take to answer: one that hangs must not hide the others. */
const patience = 1000;

/** A router process that can be asked. */
export interface Respondent {
  /** @returns false when it can't be asked now */
  askSnapshot(id: number): boolean;
}

export class Census {
  readonly #questions: Map<Respondent, Questions<RouterSnapshot>>;
  /** What each process has told last. */
  readonly #latest = new Map<Respondent, RouterSnapshot>();
  /** What processes that have ended had counted when they were asked for the last time. */
  #ended = ended(merge([]));

  /** @param respondents all that there will be */
  constructor(respondents: Respondent[]) {
    this.#questions = new Map(respondents.map((one) => [one, new Questions<RouterSnapshot>(patience)]));
  }

  /** Asks all, and adds up what they tell: this process first. One that does not answer has its latest answer. */
  async take(): Promise<RouterSnapshot> {
    const asked = [...this.#questions].map(([one, questions]) => questions.ask((id) => one.askSnapshot(id)));
    await Promise.all(asked);
    return merge([takeSnapshot(), ...this.#latest.values(), this.#ended]);
  }

  answer(one: Respondent, id: number, snapshot: RouterSnapshot): void {
    this.#latest.set(one, snapshot);
    this.#questions.get(one)?.answer(id, snapshot);
  }

  /** The respondent's process has ended; another will answer for it. */
  exited(one: Respondent): void {
    this.#questions.get(one)?.close();
    const latest = this.#latest.get(one);
    this.#latest.delete(one);
    if (latest) this.#ended = merge([this.#ended, ended(latest)]);
  }
}
