/** The pause of a function's starts after INIT has failed. */
import { performance } from 'node:perf_hooks';

/** Pauses before the next start after INIT failed once, twice and so on (ms). The last one repeats. */
const pausesMs = [250, 1000, 4000, 15_000, 60_000];

export class InitPause {
  readonly #onOver: () => void;
  #failures = 0;
  /** No environment starts before, by performance.now(): somebody may set the clock of the machine back. */
  #until = 0;

  /** @param onOver called after each pause, when environments may start again */
  constructor(onOver: () => void) {
    this.#onOver = onOver;
  }

  /** Whether INIT has failed just now. */
  get isPaused(): boolean {
    return performance.now() < this.#until;
  }

  /** INIT has failed: begins a pause that is longer than the one before. */
  begin(): void {
    const pauseMs = pausesMs[Math.min(this.#failures, pausesMs.length - 1)] ?? 0;
    this.#failures++;
    const until = performance.now() + pauseMs;
    this.#until = until;
    setTimeout(() => {
      // Timers fire early after a long turn of the event loop, and nothing else may start the environments.
      if (this.#until === until) this.#until = 0;
      this.#onOver();
    }, pauseMs).unref();
  }

  /** INIT has succeeded, or there is new code: the next pause is the first one again. */
  end(): void {
    this.#failures = 0;
    this.#until = 0;
  }
}
