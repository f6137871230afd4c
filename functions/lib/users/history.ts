/** The changes of users in the database. Each method is one piece of work on a connection. */
import type { Knex } from 'knex';
import type { Author } from '../current-request.ts';
import type { Connection, Row } from '../database/engine.ts';
import { PreparedQuery, RowInsertion } from '../database/prepared-query.ts';
import { encodeCursor, type ListQuery } from '../resources/list-query.ts';
import { changesOfUser, indexChanges } from './change-index.ts';
import type { UserChange, UserHistoryPage, UserState } from './types.ts';

/** A change to keep. */
export interface NewChange {
  readonly userId: number;
  readonly action: UserChange['action'];
  readonly before: UserState | null;
  readonly after: UserState | null;
  readonly author: Author;
}

type ChangeRow = Row & {
  readonly id: number;
  readonly action: UserChange['action'];
  readonly before: string | null;
  readonly after: string | null;
  readonly actorKind: UserChange['actor']['kind'];
  readonly actorId: string | null;
  readonly actorName: string | null;
  readonly requestId: string | null;
  readonly changedAt: string;
};

const dayMs = 24 * 60 * 60 * 1000;

/** How many expired changes one write removes at most: it holds the write lock. */
const maxPurged = 1000;

/** How often a process puts changes into the index, and looks for expired ones, while it writes users. */
const tidyPauseMs = 60_000;

/** How many changes a process leaves out of the index within that time. Every reader of a history goes through them. */
const maxUnindexed = 4_096;

const table = 'user_changes';

/** The column of each property of a change, beside its id. */
const recordedColumns = {
  action: 'action',
  before: 'before',
  after: 'after',
  actorKind: 'actor_kind',
  actorId: 'actor_id',
  actorName: 'actor_name',
  requestId: 'request_id',
  changedAt: 'changed_at',
};

/**
 * Keeps the changes of users for some days. `record` and `recordExpiry` must be called inside the transaction of the change.
 * @see infra/docs/decisions/052-history.md
 */
export class UserHistory {
  /** How long a change is kept; 0 when none is. */
  readonly days: number;
  readonly #knex: Knex;
  readonly #insert: RowInsertion;
  readonly #forgetExpired: PreparedQuery;
  readonly #deleteExpired: PreparedQuery;
  #unindexed = 0;
  #nextTidyAt = 0;

  constructor(knex: Knex, days: number) {
    this.days = days;
    this.#knex = knex;
    this.#insert = new RowInsertion(knex, table, ['user_id', ...Object.values(recordedColumns)]);
    const oldest = knex(table)
      .select('id', 'user_id', 'changed_at')
      .orderBy('id')
      .limit(maxPurged, { skipBinding: true });
    const expired = (...columns: string[]) =>
      knex(oldest.as('oldest')).select(columns).where('changed_at', '<=', 'expiry');
    const index = knex('user_change_index').whereIn(['user_id', 'change_id'], expired('user_id', 'id'));
    this.#forgetExpired = new PreparedQuery(index.delete());
    this.#deleteExpired = new PreparedQuery(knex(table).whereIn('id', expired('id')).delete());
  }

  /**
   * Keeps changes, with one statement on PostgreSQL, however many they are.
   * @param now ISO 8601 in UTC
   */
  async record(connection: Connection, changes: readonly NewChange[], now: string): Promise<void> {
    if (this.days === 0 || changes.length === 0) return;
    const rows = changes.map(({ userId, action, before, after, author: { actor, requestId } }) => ({
      user_id: userId,
      action,
      before: before && JSON.stringify(before),
      after: after && JSON.stringify(after),
      actor_kind: actor.kind,
      actor_id: actor.id,
      actor_name: actor.name,
      request_id: requestId,
      changed_at: now,
    }));
    await this.#insert.run(connection, rows);
    this.#unindexed += rows.length;
  }

  /**
   * Keeps that the bin is going to remove expired users.
   * @param expired a query of their ids
   * @param now ISO 8601 in UTC
   */
  async recordExpiry(connection: Connection, expired: Knex.QueryBuilder, now: string): Promise<void> {
    if (this.days === 0) return;
    const target = this.#knex.raw('?? (??)', [table, ['user_id', 'action', 'actor_kind', 'changed_at']]);
    const rows = this.#knex('users_bin')
      .select('id', this.#knex.raw("'purge', 'system', ?", [now]))
      .whereIn('id', expired);
    await connection.change(this.#knex(target).insert(rows));
  }

  /** @returns the change of a user; undefined if it is not kept @param now milliseconds since 1970 */
  async find(connection: Connection, userId: number, id: number, now: number): Promise<UserChange | undefined> {
    const [row] = await connection.rows<ChangeRow>(this.#kept(now).where({ id, user_id: userId }));
    return row && changeOf(row);
  }

  /**
   * @param now milliseconds since 1970
   * @returns one page of a user's changes, the latest first
   */
  async list(connection: Connection, userId: number, query: ListQuery, now: number): Promise<UserHistoryPage> {
    const { limit, after } = query;
    const found = this.#kept(now)
      .whereRaw(`id IN (${changesOfUser})`, [userId, userId])
      .orderBy('id', 'desc')
      .limit(limit + 1);
    const rows = await connection.rows<ChangeRow>(after === undefined ? found : found.where('id', '<', after.id));
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    return {
      userId,
      changes: rows.slice(0, limit).map(changeOf),
      next: last === undefined ? null : encodeCursor(query, { value: last.id, id: last.id }),
      days: this.days,
    };
  }

  /**
   * Puts the latest changes into the index and removes some expired ones, unless this process did so within the last minute, and has
   * recorded few since. As long as more are expired, each write removes some.
   * @param now milliseconds since 1970
   */
  async tidySometimes(connection: Connection, now: number): Promise<void> {
    if (now < this.#nextTidyAt && this.#unindexed < maxUnindexed) return;
    await indexChanges(connection);
    this.#unindexed = 0;
    const expiry = this.#expiryAt(now);
    await this.#forgetExpired.run(connection, { expiry });
    const { changes } = await this.#deleteExpired.run(connection, { expiry });
    if (changes < maxPurged) this.#nextTidyAt = now + tidyPauseMs;
  }

  #kept(now: number): Knex.QueryBuilder {
    const changes = this.#knex(table).select({ id: 'id', ...recordedColumns });
    return changes.where('changed_at', '>', this.#expiryAt(now));
  }

  #expiryAt(now: number): string {
    return new Date(now - this.days * dayMs).toISOString();
  }
}

function changeOf(row: ChangeRow): UserChange {
  const { id, action, before, after, actorKind, actorId, actorName, requestId, changedAt } = row;
  const actor = { kind: actorKind, id: actorId, name: actorName };
  return { id, action, before: stateOf(before), after: stateOf(after), actor, requestId, changedAt };
}

function stateOf(json: string | null): UserState | null {
  return json === null ? null : (JSON.parse(json) as UserState);
}
