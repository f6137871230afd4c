/**
 * Keeps the answers to POST requests under the client's Idempotency-Key, so that a repeated request does not create a
 * second item. @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header
 *
 * A failed or wholly refused request has changed nothing, so its answer is not kept, and the client may try again with the same
 * key. Strangers therefore cannot fill the database with refusals.
 */
import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
import { currentAuthor } from '../current-request.ts';
import type { Connection, MaybePromise, WriteResult } from '../database/engine.ts';
import { expressionsOf } from '../database/expressions.ts';
import { insertRows, PreparedQuery, placeholders } from '../database/prepared-query.ts';
import type { Resource } from '../database/resources.ts';
import { unwrap } from '../database/unwrap.ts';
import { IdempotencyKeyReused, InvalidRequest } from '../errors.ts';

const answerLifetimeMs = 24 * 60 * 60 * 1000;

/** How many expired answers each write removes at most, so that no write has to remove many. */
const sweptAnswers = 20;

/** A request that may have an Idempotency-Key. */
export interface IdempotentRequest {
  /** The value of the header; undefined when the request has none. */
  readonly key: string | undefined;
  /** The values of the body's fields, always in the same order. With another body the key must not be used again. */
  readonly body: readonly unknown[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The answer to a request, and whether an earlier request with the same key has got it. */
export interface IdempotentAnswer<Answer> {
  readonly answer: Answer;
  readonly replayed: boolean;
}

type KeptAnswer = { readonly key: string; readonly fingerprint: string; readonly answer: string };

/**
 * Checks the header Idempotency-Key, and binds the key to the caller of the request in progress: another caller with the same key
 * is another request, and must not get the answer.
 * @returns the key, behind the caller where an authorizer has recognized one; undefined when the request has none
 * @throws {InvalidRequest} unless it has 1 to 255 visible ASCII characters
 */
export function parseIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const key = header.trim();
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return bindToCaller(key);
  const message = 'must be 1 to 255 visible ASCII characters';
  throw new InvalidRequest([{ field: 'Idempotency-Key', message }]);
}

/** No key has a space, so that no anonymous caller can send the key of another one. */
function bindToCaller(key: string): string {
  const { kind, id } = currentAuthor().actor;
  return kind === 'person' || kind === 'key' ? `${kind} ${id} ${key}` : key;
}

/** The answers of one resource, by key. Two resources may have the same key. */
export class IdempotencyKeys {
  readonly #resource: string;
  readonly #recall: PreparedQuery;
  readonly #forget: PreparedQuery;
  readonly #remember: PreparedQuery;

  constructor(knex: Knex, { name }: Resource) {
    this.#resource = name;
    const { isOneOf } = expressionsOf(knex);
    const answers = () => knex('idempotency_keys').where(placeholders('resource'));
    const recalled = answers().select('key', 'fingerprint', 'answer').where('created_at', '>', 'expiry');
    this.#recall = new PreparedQuery(recalled.whereRaw(isOneOf('key'), 'keys'));
    const expired = answers()
      .select('key')
      .where('created_at', '<=', 'expiry')
      .limit(sweptAnswers, { skipBinding: true });
    const forgotten = (condition: Knex.QueryBuilder) =>
      condition.whereIn('key', expired).orWhereRaw(isOneOf('key'), 'keys');
    this.#forget = new PreparedQuery(answers().where(forgotten).delete());
    this.#remember = insertRows(knex, 'idempotency_keys', ['resource', 'key', 'fingerprint', 'answer', 'created_at']);
  }

  /**
   * Does the work of a request, unless an earlier request with the same key has done it.
   * @param hasChanged tells of an answer whether the work has changed anything; other answers are not kept
   * @throws {IdempotencyKeyReused} when the key was used with another body
   */
  async once<Answer>(
    connection: Connection,
    request: IdempotentRequest,
    work: () => MaybePromise<Answer>,
    hasChanged?: (answer: Answer) => boolean,
  ): Promise<IdempotentAnswer<Answer>> {
    const [result] = await this.onceEach(connection, [request], async () => [{ value: await work() }], hasChanged);
    return unwrap(result);
  }

  /**
   * Does the work of several requests, without those whose key an earlier request had.
   * @param work gets the requests whose work is to be done; gives one result for each, in the same order
   * @returns one result for each request, in the same order; IdempotencyKeyReused where the key was used with another body
   */
  async onceEach<Request extends IdempotentRequest, Answer>(
    connection: Connection,
    requests: readonly Request[],
    work: (requests: readonly Request[]) => MaybePromise<readonly WriteResult<Answer>[]>,
    hasChanged: (answer: Answer) => boolean = () => true,
  ): Promise<WriteResult<IdempotentAnswer<Answer>>[]> {
    const kept = await this.#keptAnswers(connection, requests);
    const results = new Map<Request, WriteResult<IdempotentAnswer<Answer>>>();
    const first = new Set<string>();
    const fresh: Request[] = [];
    const repeated: Request[] = [];
    for (const request of requests) {
      const { key, body } = request;
      const known = key === undefined ? undefined : kept.get(key);
      if (known !== undefined) results.set(request, replay(known, body));
      else if (key !== undefined && first.has(key)) repeated.push(request);
      else fresh.push(request);
      if (key !== undefined) first.add(key);
    }
    const answers = fresh.length > 0 ? await work(fresh) : [];
    const done = fresh.map((request, index) => ({ request, result: answers[index] as WriteResult<Answer> }));
    const changes = done.filter(({ result }) => 'value' in result && hasChanged(result.value));
    await this.#keep(connection, changes);
    for (const { request, result } of done) {
      results.set(request, 'value' in result ? { value: { answer: result.value, replayed: false } } : result);
    }
    if (repeated.length > 0) {
      const others = await this.onceEach(connection, repeated, work, hasChanged);
      for (const [index, request] of repeated.entries()) results.set(request, others[index] as never);
    }
    return requests.map((request) => results.get(request) as never);
  }

  async #keptAnswers(
    connection: Connection,
    requests: readonly IdempotentRequest[],
  ): Promise<ReadonlyMap<string, KeptAnswer>> {
    const keys = requests.map(({ key }) => key).filter((key) => key !== undefined);
    if (keys.length === 0) return new Map();
    const expiry = expiryAt(requests);
    const parameters = { resource: this.#resource, expiry, keys: JSON.stringify(keys) };
    const rows = await this.#recall.all<KeptAnswer>(connection, parameters);
    return new Map(rows.map((row) => [row.key, row]));
  }

  /** Keeps answers, in the transaction of the writes that they tell of. Removes some expired answers. */
  async #keep(
    connection: Connection,
    done: readonly { readonly request: IdempotentRequest; readonly result: WriteResult }[],
  ): Promise<void> {
    const rows = done.flatMap(({ request: { key, body, now }, result }) =>
      key === undefined || 'error' in result
        ? []
        : {
            resource: this.#resource,
            key,
            fingerprint: fingerprintOf(body),
            answer: JSON.stringify(result.value),
            created_at: now,
          },
    );
    if (rows.length === 0) return;
    const expiry = expiryAt(done.map(({ request }) => request));
    const keys = JSON.stringify(rows.map(({ key }) => key));
    await this.#forget.run(connection, { resource: this.#resource, expiry, keys });
    await this.#remember.run(connection, { rows: JSON.stringify(rows) });
  }
}

/** @returns the time of the newest answers that have expired, in milliseconds since 1970 */
function expiryAt(requests: readonly IdempotentRequest[]): number {
  return Math.max(...requests.map(({ now }) => now)) - answerLifetimeMs;
}

function replay<Answer>(
  { fingerprint, answer }: KeptAnswer,
  body: readonly unknown[],
): WriteResult<IdempotentAnswer<Answer>> {
  if (fingerprint !== fingerprintOf(body)) return { error: new IdempotencyKeyReused() };
  return { value: { answer: JSON.parse(answer) as Answer, replayed: true } };
}

function fingerprintOf(body: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(body)).digest('hex');
}
