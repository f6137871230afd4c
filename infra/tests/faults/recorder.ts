/** Sends requests and records each as an operation of the history that the checker reads. */

import type { Operation, SeenQuery, SeenUser } from './history/operation.ts';
import { type HttpClient, type HttpResponse, NoResponse } from './http.ts';

/** The part of an operation that is known before the request is sent. */
export type Intent = Pick<Operation, 'kind'> & Partial<Pick<Operation, 'id' | 'written' | 'ifMatch' | 'key'>>;

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: object;
}

/** The content of an earlier response: a 304 means that it is still current. */
export interface Remembered {
  readonly etag: string;
  readonly users: readonly SeenUser[];
  readonly total: number;
  readonly next: string | null;
}

/** Records the operations of all clients on one clock. */
export class Recorder {
  readonly operations: Operation[] = [];
  readonly #waitUntilUp: () => Promise<void>;

  /** @param waitUntilUp resolves once the router listens; requests wait for it */
  constructor(waitUntilUp: () => Promise<void>) {
    this.#waitUntilUp = waitUntilUp;
  }

  /**
   * Writes or reads one user. A request that could not be sent is not an operation; it is sent again.
   * @param client name of the client in the history
   * @param known the content that `request` is conditional on, for a read with If-None-Match
   */
  async user(
    http: HttpClient,
    client: string,
    intent: Intent,
    request: Request,
    known?: Remembered,
  ): Promise<Operation> {
    const { start, end, response, fault } = await this.#send(http, request);
    const status = response?.status;
    const base = { ...intent, client, start, end, status, fault, outcome: outcomeOf(status) };
    let operation: Operation = { ...base, cache: response?.headers['x-cache'] };
    if (status === 304) operation = { ...operation, version: known?.users[0]?.version };
    else if (status === 412) operation = { ...operation, version: versionIn(response?.headers.etag) };
    else if (response && (status === 200 || status === 201))
      operation = { ...operation, user: JSON.parse(response.body) };
    this.operations.push(operation);
    return operation;
  }

  /** Reads a page of the list. @returns its content, for a later read with If-None-Match; undefined if it failed */
  async list(
    http: HttpClient,
    client: string,
    query: SeenQuery,
    request: Request,
    known?: Remembered,
  ): Promise<Remembered | undefined> {
    const { start, end, response, fault } = await this.#send(http, request);
    const status = response?.status;
    const cache = response?.headers['x-cache'];
    const seen = status === 304 ? known : response && status === 200 ? rememberList(response) : undefined;
    const list = seen && { query, users: seen.users, total: seen.total, next: seen.next };
    const outcome = outcomeOf(status);
    this.operations.push({ kind: 'list', client, start, end, status, fault, outcome, cache, list });
    return seen;
  }

  async #send(http: HttpClient, { method, path, headers = {}, body }: Request) {
    for (;;) {
      await this.#waitUntilUp();
      const start = performance.now();
      try {
        const response = await http.send(method, path, headers, body);
        return { start, end: performance.now(), response, fault: undefined };
      } catch (error) {
        if (!(error instanceof NoResponse)) throw error;
        if (error.sent) return { start, end: Number.POSITIVE_INFINITY, response: undefined, fault: error.message };
      }
    }
  }
}

/** @returns the ETag for the next read of that user, and the content that a 304 stands for */
export function rememberUser(user: SeenUser): Remembered {
  return { etag: `"${user.version}"`, users: [user], total: 1, next: null };
}

function rememberList({ headers, body }: HttpResponse): Remembered {
  const { users, total, next } = JSON.parse(body) as { users: SeenUser[]; total: number; next: string | null };
  return { etag: headers.etag ?? '', users, total, next };
}

/**
 * A 4xx response means that the request had no effect, except 429, which the router may send for a request that it gave up
 * on. After a 5xx the effect is unknown.
 */
function outcomeOf(status: number | undefined): Operation['outcome'] {
  if (status === undefined || status >= 500 || status === 429) return 'unknown';
  return status < 400 ? 'ok' : 'refused';
}

function versionIn(etag: string | undefined): number | undefined {
  const version = /^"(\d+)"$/.exec(etag ?? '')?.[1];
  return version === undefined ? undefined : Number(version);
}
