/**
 * Whether the cache may be used: one row in SQLite, which is the truth, and this process's view of it.
 *
 * A view is good for `viewLifetime`. Whoever changes users without telling the cache takes the trust away first, and
 * waits until the views of all processes must have expired.
 */
import { randomBytes } from 'node:crypto';
import type { Database } from '../database/database.ts';
import type { Connection } from '../database/sqlite/connection.ts';

/** Milliseconds for which a process may believe that the cache is trusted. */
export const viewLifetime = 100;
/** Milliseconds after which every process must have noticed that it is not: a little more. */
const noticeTime = viewLifetime + 5;

/** What the row says. */
export interface Trust {
  /** New whenever trust is lost or regained. */
  readonly epoch: string;
  /** The instance of the cache that is trusted; null: none is. */
  readonly instance: string | null;
  /** How many times trust was lost. */
  readonly lapses: number;
}

interface View extends Trust {
  /** When the row was about to be read; performance.now(). */
  readonly at: number;
}

const select = 'SELECT epoch, instance, lapses FROM cache_trust WHERE id = 1';
const lose = `UPDATE cache_trust SET instance = NULL, epoch = ?, lapses = lapses + 1
  WHERE id = 1 AND epoch = ? AND instance IS NOT NULL`;
const renew = 'UPDATE cache_trust SET epoch = ? WHERE id = 1 AND epoch = ? AND instance IS NULL';
const regain = 'UPDATE cache_trust SET instance = ? WHERE id = 1 AND epoch = ? AND instance IS NULL';

/** @returns what the row says, on a connection that may be inside a transaction */
export function readTrust(connection: Connection): Trust {
  const row = connection.get<{ epoch: string; instance: string | null; lapses: number }>(select);
  if (row === undefined) throw new Error('The row of cache_trust is missing.');
  return row;
}

export class TrustRow {
  readonly #database: Database;
  #view: View | undefined;
  /** The lapse that this process saw last, and when it saw it first. */
  #lapse: { readonly count: number; readonly seen: number } | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  /** @returns a view that is good now; most of the time without asking the database */
  current(): Trust | Promise<Trust> {
    const view = this.#view;
    if (view !== undefined && performance.now() - view.at < viewLifetime) return view;
    return this.refresh();
  }

  /** @returns what the row says now */
  async refresh(): Promise<Trust> {
    // The time is taken first: between it and the read this process may be stopped.
    const at = performance.now();
    const trust = await this.#database.use(readTrust);
    if (this.#view === undefined || at > this.#view.at) this.#view = { ...trust, at };
    if (trust.instance === null && this.#lapse?.count !== trust.lapses) {
      this.#lapse = { count: trust.lapses, seen: performance.now() };
    }
    return trust;
  }

  /** Waits until no process can believe any more in what was trusted before this lapse. */
  async noticed(lapses: number): Promise<void> {
    if (this.#lapse?.count !== lapses) this.#lapse = { count: lapses, seen: performance.now() };
    const until = this.#lapse.seen + noticeTime;
    for (let rest = until - performance.now(); rest > 0; rest = until - performance.now()) {
      await new Promise((resolve) => setTimeout(resolve, rest));
    }
  }

  /** Takes the trust away, if it is still that of this epoch. @returns whether it was this call that did */
  lose(epoch: string): Promise<boolean> {
    return this.#change(lose, newEpoch(), epoch);
  }

  /** Begins to regain trust: a new epoch, so that what was begun before it fails. @returns undefined if another did */
  async renew(epoch: string): Promise<string | undefined> {
    const next = newEpoch();
    return (await this.#change(renew, next, epoch)) ? next : undefined;
  }

  /** Trusts an instance, if the epoch is still the one that `renew` returned. */
  regain(epoch: string, instance: string): Promise<boolean> {
    return this.#change(regain, instance, epoch);
  }

  async #change(sql: string, ...bindings: string[]): Promise<boolean> {
    const changes = await this.#database.use((connection) => connection.run(sql, ...bindings).changes);
    this.#view = undefined;
    return changes > 0;
  }
}

function newEpoch(): string {
  return randomBytes(16).toString('hex');
}
