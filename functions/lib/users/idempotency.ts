/**
 * Answers kept under the client's Idempotency-Key, so that a request that is sent again does not create a second user.
 *
 * Only what was created is kept: a request that failed changed nothing, and may be tried again under the same key.
 */
import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
import type { Connection, Row } from '../database/sqlite/connection.ts';
import { IdempotencyKeyReused, InvalidRequest } from '../errors.ts';
import type { User, UserInput } from './types.ts';

/** Milliseconds that an answer is kept. */
const lifetime = 24 * 60 * 60 * 1000;

/** Expired answers removed by one write. */
const sweep = 20;

/**
 * Checks the header.
 * @returns undefined when the request has none
 * @throws {InvalidRequest}
 */
export function parseIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const key = header.trim();
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key;
  const message = 'must be 1 to 255 visible ASCII characters';
  throw new InvalidRequest([{ field: 'Idempotency-Key', message }]);
}

export class IdempotencyKeys {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /**
   * What was answered under this key before.
   * @throws {IdempotencyKeyReused} when the body was another one
   */
  recall(connection: Connection, key: string, input: UserInput, now: number): User | undefined {
    const query = this.#knex('idempotency_keys')
      .select('fingerprint', 'answer')
      .where('key', key)
      .where('created_at', '>', now - lifetime);
    const row = connection.rows<Row & { fingerprint: string; answer: string }>(query)[0];
    if (row === undefined) return undefined;
    if (row.fingerprint !== fingerprintOf(input)) throw new IdempotencyKeyReused();
    return JSON.parse(row.answer) as User;
  }

  /** Keeps an answer, in the transaction that created the user, and forgets some that have expired. */
  remember(connection: Connection, key: string, input: UserInput, answer: User, now: number): void {
    const keys = this.#knex('idempotency_keys');
    const expired = keys
      .clone()
      .select('key')
      .where('created_at', '<=', now - lifetime)
      .limit(sweep);
    connection.change(keys.clone().whereIn('key', expired).orWhere('key', key).delete());
    const row = { key, fingerprint: fingerprintOf(input), answer: JSON.stringify(answer), created_at: now };
    connection.change(keys.clone().insert(row));
  }
}

/** The fields are those of a validated body, so the order in which they came makes no difference. */
function fingerprintOf({ name, email }: UserInput): string {
  return createHash('sha256')
    .update(JSON.stringify([name, email]))
    .digest('hex');
}
