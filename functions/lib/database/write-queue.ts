/**
 * Group commit: writes of this process that arrive in one turn of the event loop, or while a transaction is under way,
 * share the next one, and so its one fsync. Each that shares one has a savepoint of its own and fails alone.
 */
import { DatabaseUnavailable } from '../errors.ts';
import type { Database } from './database.ts';
import { type Connection, isUnusable } from './sqlite/connection.ts';

/** Milliseconds for which permits that do not hold are replaced by new ones. */
const patience = 5_000;

/** Writes in one transaction: enough to share the fsync, few enough for the lock to be free again soon. */
const maxBatch = 128;

/** Is asked before each transaction: see cache/cache.ts. */
export interface WriteGuard {
  /** @param ids the users that the transaction may change */
  begin(ids: readonly number[]): Promise<WritePermit>;
}

export interface WritePermit {
  /** Inside the transaction: whether it may still commit. If not, everything begins anew. */
  holds(connection: Connection): boolean;
  /** After the transaction, whether it was committed or not. Never throws. */
  finish(): Promise<void>;
}

interface Write {
  readonly ids: readonly number[];
  readonly work: (connection: Connection) => unknown;
  readonly settle: (outcome: Outcome) => void;
}

type Outcome = { readonly value: unknown } | { readonly error: unknown };

/** The permit did not hold: nothing was written. */
class PermitLost extends Error {
  override readonly name = 'PermitLost';
}

export class WriteQueue {
  readonly #database: Database;
  readonly #guard: WriteGuard;
  readonly #waiting: Write[] = [];
  #running = false;

  constructor(database: Database, guard: WriteGuard) {
    this.#database = database;
    this.#guard = guard;
  }

  /**
   * Runs the work in a transaction.
   * @param ids the users that it may change
   * @param work synchronous; what it throws rejects this write alone, and nothing of it stays
   * @returns what the work returned, once it is committed and the cache knows
   * @throws {DatabaseUnavailable} when the write lock can't be had
   */
  submit<T>(ids: readonly number[], work: (connection: Connection) => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const settle = (outcome: Outcome) => ('value' in outcome ? resolve(outcome.value as T) : reject(outcome.error));
      this.#waiting.push({ ids, work, settle });
      if (this.#running) return;
      this.#running = true;
      setImmediate(() => void this.#run());
    });
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, maxBatch);
      const outcomes = await this.#commit(batch).catch((error: unknown) => batch.map(() => ({ error })));
      for (const [index, write] of batch.entries()) write.settle(outcomes[index] as Outcome);
    }
    this.#running = false;
  }

  /** @param batch grows by the writes that can join it */
  async #commit(batch: Write[]): Promise<Outcome[]> {
    const ids = new Set(batch.flatMap((write) => write.ids));
    const deadline = performance.now() + patience;
    for (;;) {
      const permit = await this.#guard.begin([...ids]);
      this.#join(batch, ids);
      try {
        return await this.#transact(batch, permit);
      } catch (error) {
        if (!(error instanceof PermitLost)) throw error;
        if (performance.now() > deadline) throw new DatabaseUnavailable({ cause: error });
      } finally {
        await permit.finish();
      }
    }
  }

  /** What came meanwhile and changes no user that the guard has not been told of, as all creates, needs no other permit. */
  #join(batch: Write[], ids: ReadonlySet<number>): void {
    const others = this.#waiting.splice(0);
    for (const write of others) {
      const joins = batch.length < maxBatch && write.ids.every((id) => ids.has(id));
      (joins ? batch : this.#waiting).push(write);
    }
  }

  #transact(batch: readonly Write[], permit: WritePermit): Promise<Outcome[]> {
    return this.#database.use((connection) =>
      connection.transaction(() => {
        if (!permit.holds(connection)) throw new PermitLost();
        const [first] = batch;
        // What fails alone is undone with the transaction.
        if (batch.length === 1 && first) return [{ value: first.work(connection) }];
        return batch.map((write) => attempt(connection, write));
      }),
    );
  }
}

function attempt(connection: Connection, { work }: Write): Outcome {
  try {
    return { value: connection.savepoint(() => work(connection)) };
  } catch (error) {
    // After some errors, such as a full disk, the whole transaction is gone and with it what the others wrote.
    if (!connection.inTransaction || isUnusable(error)) throw error;
    return { error };
  }
}
