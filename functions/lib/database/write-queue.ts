/**
 * Group commit: writes of one process that arrive in the same turn of the event loop, or while a transaction runs, share
 * the next transaction and its one fsync. Each write has a savepoint of its own, so it fails alone.
 */
import { DatabaseUnavailable, WriteOutcomeUnknown } from '../errors.ts';
import { timing } from '../metrics.ts';
import type { BulkWrite, Connection, Engine, MaybePromise, Write, WriteResult } from './engine.ts';
import type { Resource } from './resources.ts';

/** How long a transaction takes, which several writes may share, with its wait for the write lock. */
const writeDuration = timing('DatabaseWriteDuration');

/** How long a batch begins again with a new fence after its fence was lost. */
const fenceRetryMs = 5_000;

/**
 * The size of the writes in one batch together. A batch shares one fsync, so it should be large. It holds the write lock, so it
 * should be small. A larger write has a batch of its own.
 */
const maxBatchSize = 128;

/** The part of a resource that a write may change: the items of these ids, and with them every list. */
export interface WriteScope {
  readonly resource: Resource;
  /** Empty for a write that only creates items, since nothing can be cached under their ids yet. */
  readonly ids: readonly number[];
}

/** Keeps the cache true while a transaction runs. `Cache` implements it. */
export interface WriteGuard {
  /** Called before a transaction. @param scopes what the transaction may change, one scope a resource */
  begin(scopes: readonly WriteScope[]): Promise<WriteFence>;
}

/** Decides whether one transaction may commit: the cache must not have been revoked or emptied since it began. */
export interface WriteFence {
  /** Called inside the transaction. @returns false when the transaction must roll back and begin again */
  holds(connection: Connection): MaybePromise<boolean>;
  /** Called after the transaction has ended, whether it committed or not. Never rejects. */
  finish(): Promise<void>;
  /** Called instead of `finish` when the transaction may not have ended. Never rejects. */
  abandon(): void;
}

interface WaitingWrite {
  readonly scopes: readonly WriteScope[];
  readonly work: Write;
  readonly size: number;
  readonly settle: (result: WriteResult) => void;
}

/** The fence did not hold, so the transaction rolled back. */
class FenceLost extends Error {
  override readonly name = 'FenceLost';
}

/** The ids that a batch may change, by the name of their resource. */
type BatchScope = Map<string, { readonly resource: Resource; readonly ids: Set<number> }>;

/** Runs writes in transactions that they share. One for each process and database. */
export class WriteQueue {
  readonly #database: Engine;
  readonly #guard: WriteGuard;
  readonly #waiting: WaitingWrite[] = [];
  #running = false;

  constructor(database: Engine, guard: WriteGuard) {
    this.#database = database;
    this.#guard = guard;
  }

  /**
   * Runs the work in a transaction.
   * @param scopes all that the work may change
   * @param work awaits nothing but statements on its connection; an error that it throws rejects this write alone, and its
   *   changes are undone
   * @param size how many items the work changes at most
   * @returns the work's result, once it is committed and the cache has forgotten what it changed
   * @throws {DatabaseUnavailable} when another process keeps the write lock
   * @throws {DatabaseFileLost} when the database file was deleted or replaced
   */
  submit<T>(scopes: readonly WriteScope[], work: (connection: Connection) => MaybePromise<T>, size = 1): Promise<T> {
    return this.#enqueue(scopes, work, size);
  }

  /**
   * Runs an input of a bulk write, with the inputs beside it for which `write.work` is the same function.
   * @param scopes all that the write may change
   * @returns as `submit`
   */
  submitBulk<Input, T>(scopes: readonly WriteScope[], write: BulkWrite<Input, T>): Promise<T> {
    return this.#enqueue(scopes, write, 1);
  }

  #enqueue<T>(scopes: readonly WriteScope[], work: Write, size: number): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const settle = (result: WriteResult) => ('value' in result ? resolve(result.value as T) : reject(result.error));
      this.#waiting.push({ scopes, work, size, settle });
      if (this.#running) return;
      this.#running = true;
      setImmediate(() => void this.#run());
    });
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#take();
      const results = await this.#commit(batch).catch((error: unknown) => batch.map(() => ({ error })));
      for (const [index, write] of batch.entries()) write.settle(results[index] as WriteResult);
    }
    this.#running = false;
  }

  /** @returns the oldest waiting writes that fit in one batch; at least one */
  #take(): WaitingWrite[] {
    let size = 0;
    const end = this.#waiting.findIndex((write, index) => {
      size += write.size;
      return index > 0 && size > maxBatchSize;
    });
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : end);
  }

  /**
   * Commits a batch in one transaction, and begins again with a new fence when the fence was lost.
   * @param batch gets the writes that arrived while `WriteGuard.begin` stored the tombstones
   */
  async #commit(batch: WaitingWrite[]): Promise<WriteResult[]> {
    const batchScope = mergeScopes(batch);
    const scopes = [...batchScope.values()].map(({ resource, ids }) => ({ resource, ids: [...ids] }));
    const deadline = performance.now() + fenceRetryMs;
    for (;;) {
      const fence = await this.#guard.begin(scopes);
      this.#join(batch, batchScope);
      let hasEnded = true;
      try {
        return await this.#transact(batch, fence);
      } catch (error) {
        hasEnded = !(error instanceof WriteOutcomeUnknown);
        if (!(error instanceof FenceLost)) throw error;
        if (performance.now() > deadline) throw new DatabaseUnavailable({ cause: error });
      } finally {
        if (hasEnded) await fence.finish();
        else fence.abandon();
      }
    }
  }

  /**
   * Adds waiting writes to the batch. A write that changes nothing outside the scope of the batch, such as a further
   * create, needs no fence of its own.
   */
  #join(batch: WaitingWrite[], scope: BatchScope): void {
    const others = this.#waiting.splice(0);
    let size = batch.reduce((total, write) => total + write.size, 0);
    for (const write of others) {
      const joins = size + write.size <= maxBatchSize && covers(scope, write);
      if (joins) size += write.size;
      (joins ? batch : this.#waiting).push(write);
    }
  }

  #transact(batch: readonly WaitingWrite[], fence: WriteFence): Promise<WriteResult[]> {
    return writeDuration.measure(() =>
      this.#database.transact(async (connection) => {
        if (!(await fence.holds(connection))) throw new FenceLost();
        return connection.each(batch.map(({ work }) => work));
      }),
    );
  }
}

function mergeScopes(batch: readonly WaitingWrite[]): BatchScope {
  const merged: BatchScope = new Map();
  for (const { resource, ids } of batch.flatMap((write) => write.scopes)) {
    const known = merged.get(resource.name);
    if (known === undefined) merged.set(resource.name, { resource, ids: new Set(ids) });
    else for (const id of ids) known.ids.add(id);
  }
  return merged;
}

function covers(scope: BatchScope, write: WaitingWrite): boolean {
  return write.scopes.every(({ resource, ids }) => {
    const known = scope.get(resource.name);
    return known !== undefined && ids.every((id) => known.ids.has(id));
  });
}
