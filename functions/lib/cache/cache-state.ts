/**
 * Whether processes may use the cache: one row in the database, which decides, and this process's view of that row.
 *
 * A view holds for `viewLifetimeMs`. Before a process changes data without telling the cache, it revokes the cache and
 * waits until the views of all processes have expired.
 */
import { randomBytes } from 'node:crypto';
import type { Connection, Engine } from '../database/engine.ts';

/** How long a process may use the cache before it must read the row again. */
const viewLifetimeMs = 100;

/** When a request asks for the next view, so that no request waits for it on a busy process. */
const renewViewMs = 70;

/** The time after which every process has noticed a revocation. The margin covers the resolution of timers. */
const noticeMs = viewLifetimeMs + 5;

/** The row that decides whether processes may use the cache. */
export interface CacheStateRow {
  /** Random, and new after each revocation and each recovery. A fill or a write that began under another fails. */
  readonly epoch: string;
  /** The Redis process or cache file that may be used; null while the cache is revoked. */
  readonly instance: string | null;
  /** How many times the cache was revoked. */
  readonly revocations: number;
  /** The identity of the database that the row was last revoked in. */
  readonly origin: string;
  /** Whether that is this database. If not, the database has gone back in time, and the row with it. */
  readonly isCurrent: boolean;
  /** Where the directory went or comes from, as JSON of a `DirectoryMove`; null where it is at home. */
  readonly move: string | null;
}

interface View extends CacheStateRow {
  /** performance.now() just before the row was read. */
  readonly at: number;
}

const select = (identity: string) =>
  `SELECT epoch, instance, revocations, origin, move, ${identity} AS identity FROM cache_state WHERE id = 1`;
const revoke = (identity: string) =>
  `UPDATE cache_state SET instance = NULL, epoch = ?, revocations = revocations + 1, origin = ${identity}
   WHERE id = 1 AND epoch = ? AND (instance IS NOT NULL OR origin <> ${identity})`;
const renew = 'UPDATE cache_state SET epoch = ? WHERE id = 1 AND epoch = ? AND instance IS NULL';
const restore = 'UPDATE cache_state SET instance = ? WHERE id = 1 AND epoch = ? AND instance IS NULL';

type StoredRow = {
  epoch: string;
  instance: string | null;
  revocations: number;
  origin: string;
  move: string | null;
  identity: string;
};

/** @returns the row, read on a connection that may be inside a transaction */
export async function readCacheState(connection: Connection): Promise<CacheStateRow> {
  const row = await connection.get<StoredRow>(select(connection.identity));
  if (row === undefined) throw new Error('The row of the table "cache_state" is missing; restore a backup.');
  const { identity, ...state } = row;
  return { ...state, isCurrent: state.origin === identity };
}

/** This process's view of the row, and the changes that a process may make to the row. */
export class CacheState {
  readonly #database: Engine;
  #view: View | undefined;
  /** The query for the next view, which all requests share that come while it runs, and performance.now() just before it. */
  #query: { readonly row: Promise<CacheStateRow>; readonly at: number } | undefined;
  /** Counts calls of `forget`, so that a query that began before the last one leaves no view. */
  #forgotten = 0;
  /** The revocation that this process saw last, and performance.now() when it saw it first. */
  #revocation: { readonly count: number; readonly origin: string; readonly seenAt: number } | undefined;

  constructor(database: Engine) {
    this.#database = database;
  }

  /** @returns a view that has not expired, mostly without waiting for a query */
  current(): CacheStateRow | Promise<CacheStateRow> {
    const now = performance.now();
    const view = this.#view;
    const ageMs = view === undefined ? Number.POSITIVE_INFINITY : now - view.at;
    if (view !== undefined && ageMs < renewViewMs) return view;
    const next = this.#next(now);
    return view !== undefined && ageMs < viewLifetimeMs ? view : next;
  }

  /** @returns the answer of the running query, unless it would be an expired view, or else of a new one */
  #next(now: number): Promise<CacheStateRow> {
    if (this.#query !== undefined && now - this.#query.at < viewLifetimeMs) return this.#query.row;
    const query = { row: this.refresh(), at: now };
    this.#query = query;
    const end = () => {
      if (this.#query === query) this.#query = undefined;
    };
    // A request that takes the view does not wait for the query, so nobody else may handle its error.
    query.row.then(end, end);
    return query.row;
  }

  /** @returns the row as it is now */
  async refresh(): Promise<CacheStateRow> {
    // The clock is read before the row: if this process pauses between the two, the view expires early, not late.
    const at = performance.now();
    const forgotten = this.#forgotten;
    const row = await this.#database.use(readCacheState);
    const isUsable = forgotten === this.#forgotten;
    if (isUsable && (this.#view === undefined || at > this.#view.at)) this.#view = { ...row, at };
    if (row.instance === null) this.#see(row);
    return row;
  }

  /** Drops the view: while this process was frozen, its clock may have stood still. */
  forget(): void {
    this.#view = undefined;
    this.#query = undefined;
    this.#forgotten++;
  }

  /**
   * Waits until the views of all processes from before a revocation have expired.
   * @param row the revoked row that this process has read
   */
  async waitUntilNoticed(row: CacheStateRow): Promise<void> {
    const end = this.#see(row).seenAt + noticeMs;
    for (let restMs = end - performance.now(); restMs > 0; restMs = end - performance.now()) {
      await new Promise((resolve) => setTimeout(resolve, restMs));
    }
  }

  /** A database that has gone back counts its revocations anew, so a revocation is known by its count and its origin. */
  #see({ revocations: count, origin }: CacheStateRow) {
    const known = this.#revocation;
    if (known?.count === count && known.origin === origin) return known;
    this.#revocation = { count, origin, seenAt: performance.now() };
    return this.#revocation;
  }

  /** Revokes the cache, if the epoch is still the given one. @returns whether this call revoked it */
  revoke(epoch: string): Promise<boolean> {
    return this.#change(revoke, newEpoch(), epoch);
  }

  /**
   * Begins a recovery: replaces the epoch, so that everything that began before fails.
   * @returns the new epoch; undefined if another process was faster
   */
  async renewEpoch(epoch: string): Promise<string | undefined> {
    const next = newEpoch();
    return (await this.#change(() => renew, next, epoch)) ? next : undefined;
  }

  /**
   * Ends a recovery: processes may use this instance from now on.
   * @param epoch from `renewEpoch`
   * @returns false if another process has changed the row since then
   */
  restore(epoch: string, instance: string): Promise<boolean> {
    return this.#change(() => restore, instance, epoch);
  }

  async #change(sql: (identity: string) => string, ...bindings: string[]): Promise<boolean> {
    const { changes } = await this.#database.use((connection) => connection.run(sql(connection.identity), ...bindings));
    this.#view = undefined;
    this.#query = undefined;
    return changes > 0;
  }
}

function newEpoch(): string {
  return randomBytes(16).toString('hex');
}
