/**
 * How long a command may take, for all commands under way together: one timer watches the oldest of them.
 *
 * A timer of its own for each command would cost more; and it would also go off when this process was busy itself,
 * with the answer waiting unread in the socket.
 */

interface Waiting {
  readonly since: number;
  readonly reject: (error: Error) => void;
  done: boolean;
}

/** A command took too long. */
export class OutOfPatience extends Error {
  override readonly name = 'OutOfPatience';
}

export class Patience {
  readonly #limit: number;
  readonly #onTimeout: () => void;
  #waiting: Waiting[] = [];
  #watching = false;

  /**
   * @param limit milliseconds
   * @param onTimeout called when a command took longer
   */
  constructor(limit: number, onTimeout: () => void) {
    this.#limit = limit;
    this.#onTimeout = onTimeout;
  }

  /**
   * Waits for a command, which must be answered in the order in which it was sent.
   * @throws {OutOfPatience}
   */
  wait<T>(command: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const waiting: Waiting = { since: performance.now(), reject, done: false };
      this.#waiting.push(waiting);
      command.then(
        (reply) => {
          this.#settled(waiting);
          resolve(reply);
        },
        (error) => {
          this.#settled(waiting);
          reject(error);
        },
      );
      if (!this.#watching) this.#watch(this.#limit);
    });
  }

  /** At once: whoever is kept until the next check keeps his reply, too, and grows old with it. */
  #settled(waiting: Waiting): void {
    waiting.done = true;
    while (this.#waiting[0]?.done) this.#waiting.shift();
  }

  #watch(delay: number): void {
    this.#watching = true;
    // What has arrived in the meantime is read between the timer and the check.
    setTimeout(() => setImmediate(() => this.#check()), delay).unref();
  }

  #check(): void {
    this.#watching = false;
    const oldest = this.#waiting[0];
    if (oldest === undefined) return;
    const rest = oldest.since + this.#limit - performance.now();
    if (rest > 0) {
      this.#watch(rest);
      return;
    }
    const given = this.#waiting;
    this.#waiting = [];
    for (const { reject } of given) reject(new OutOfPatience());
    this.#onTimeout();
  }
}
