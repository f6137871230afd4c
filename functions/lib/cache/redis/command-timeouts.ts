/**
 * The time-out of Redis commands: one timer watches the oldest command in progress.
 *
 * A timer for each command would cost more. It would also fire while this process itself is busy and the reply waits
 * unread in the socket.
 */

interface PendingCommand {
  /** performance.now() */
  readonly sentAt: number;
  readonly reject: (error: Error) => void;
  settled: boolean;
}

/** Redis did not answer a command in time. */
class RedisTimeout extends Error {
  override readonly name = 'RedisTimeout';
}

/** Rejects commands that take too long. */
export class CommandTimeouts {
  readonly #timeoutMs: number;
  readonly #onTimeout: () => void;
  #pending: PendingCommand[] = [];
  #watching = false;

  /** @param onTimeout called once when commands have been rejected */
  constructor(timeoutMs: number, onTimeout: () => void) {
    this.#timeoutMs = timeoutMs;
    this.#onTimeout = onTimeout;
  }

  /**
   * Waits for the reply to a command. Replies arrive in the order of the commands, as on one Redis connection.
   * @throws {RedisTimeout} when the oldest command takes too long; all later ones are rejected with it
   */
  wait<T>(command: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const pending: PendingCommand = { sentAt: performance.now(), reject, settled: false };
      this.#pending.push(pending);
      command.then(
        (reply) => {
          this.#settle(pending);
          resolve(reply);
        },
        (error) => {
          this.#settle(pending);
          reject(error);
        },
      );
      if (!this.#watching) this.#watch(this.#timeoutMs);
    });
  }

  /** Removes settled commands immediately. Otherwise each reply stays referenced, and V8 moves it to old space. */
  #settle(command: PendingCommand): void {
    command.settled = true;
    while (this.#pending[0]?.settled) this.#pending.shift();
  }

  #watch(delayMs: number): void {
    this.#watching = true;
    // Between the timer and setImmediate, Node.js reads the replies that have arrived in the meantime.
    setTimeout(() => setImmediate(() => this.#check()), delayMs).unref();
  }

  #check(): void {
    this.#watching = false;
    const oldest = this.#pending[0];
    if (oldest === undefined) return;
    const restMs = oldest.sentAt + this.#timeoutMs - performance.now();
    if (restMs > 0) {
      this.#watch(restMs);
      return;
    }
    const rejected = this.#pending;
    this.#pending = [];
    for (const { reject } of rejected) reject(new RedisTimeout());
    this.#onTimeout();
  }
}
