/**
 * Keeps the answers to POST requests under the client's Idempotency-Key, so that a repeated request does not create a
 * second item. @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header
 *
 * A failed request has changed nothing, so its answer is not kept, and the client may try again with the same key.
 */
import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
import type { Connection, MaybePromise, Row } from '../database/engine.ts';
import type { Resource } from '../database/resources.ts';
import { IdempotencyKeyReused, InvalidRequest } from '../errors.ts';

const answerLifetimeMs = 24 * 60 * 60 * 1000;

/** How many expired answers each write removes at most, so that no write has to remove many. */
const sweptAnswers = 20;

/** A request that has an Idempotency-Key. */
export interface IdempotentRequest {
  /** The value of the header. */
  readonly key: string;
  /** The values of the body's fields, always in the same order. With another body the key must not be used again. */
  readonly body: readonly unknown[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Checks the header Idempotency-Key.
 * @returns the key; undefined when the request has none
 * @throws {InvalidRequest} unless it has 1 to 255 visible ASCII characters
 */
export function parseIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const key = header.trim();
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key;
  const message = 'must be 1 to 255 visible ASCII characters';
  throw new InvalidRequest([{ field: 'Idempotency-Key', message }]);
}

/** The answers of one resource, by key. Two resources may have the same key. */
export class IdempotencyKeys {
  readonly #knex: Knex;
  readonly #resource: string;

  constructor(knex: Knex, { name }: Resource) {
    this.#knex = knex;
    this.#resource = name;
  }

  /**
   * Does the work of a request, unless an earlier request with the same key has done it.
   * @param request its key is undefined when the request has none
   * @returns the work's answer, and whether it is that of an earlier request
   * @throws {IdempotencyKeyReused} when the key was used with another body
   */
  async once<Answer>(
    connection: Connection,
    { key, ...rest }: Omit<IdempotentRequest, 'key'> & { readonly key: string | undefined },
    work: () => MaybePromise<Answer>,
  ): Promise<{ answer: Answer; replayed: boolean }> {
    if (key === undefined) return { answer: await work(), replayed: false };
    const known = await this.recall<Answer>(connection, { key, ...rest });
    if (known !== undefined) return { answer: known, replayed: true };
    const answer = await work();
    await this.remember(connection, { key, ...rest }, answer);
    return { answer, replayed: false };
  }

  /**
   * @returns the answer to the first request with this key; undefined for a new key
   * @throws {IdempotencyKeyReused} when the key was used with another body
   */
  async recall<Answer>(connection: Connection, { key, body, now }: IdempotentRequest): Promise<Answer | undefined> {
    const query = this.#answers()
      .select('fingerprint', 'answer')
      .where('key', key)
      .where('created_at', '>', now - answerLifetimeMs);
    const [row] = await connection.rows<Row & { fingerprint: string; answer: string }>(query);
    if (row === undefined) return undefined;
    if (row.fingerprint !== fingerprintOf(body)) throw new IdempotencyKeyReused();
    return JSON.parse(row.answer) as Answer;
  }

  /** Keeps the answer, in the transaction of the write that it tells of. Removes some expired answers. */
  async remember(connection: Connection, { key, body, now }: IdempotentRequest, answer: unknown): Promise<void> {
    const expired = this.#answers()
      .select('key')
      .where('created_at', '<=', now - answerLifetimeMs)
      .limit(sweptAnswers);
    await connection.change(
      this.#answers()
        .where((condition) => condition.whereIn('key', expired).orWhere('key', key))
        .delete(),
    );
    const row = { fingerprint: fingerprintOf(body), answer: JSON.stringify(answer), created_at: now };
    await connection.change(this.#knex('idempotency_keys').insert({ resource: this.#resource, key, ...row }));
  }

  #answers(): Knex.QueryBuilder {
    return this.#knex('idempotency_keys').where('resource', this.#resource);
  }
}

function fingerprintOf(body: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(body)).digest('hex');
}
