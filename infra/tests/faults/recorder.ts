/** Sends requests and writes down what came of them. */

import type { Operation, SeenQuery, SeenUser } from './history/operation.ts';
import { type Answer, type HttpClient, NoAnswer } from './http.ts';

/** What of an operation is known before it is sent. */
export type Intent = Pick<Operation, 'kind'> & Partial<Pick<Operation, 'id' | 'written' | 'ifMatch' | 'key'>>;

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: object;
}

/** What an earlier answer showed, to be understood again behind a 304. */
export interface Remembered {
  readonly etag: string;
  readonly users: readonly SeenUser[];
  readonly total: number;
  readonly next: string | null;
}

export class Recorder {
  readonly operations: Operation[] = [];
  readonly #waitUntilUp: () => Promise<void>;

  /** @param waitUntilUp resolves once the router listens */
  constructor(waitUntilUp: () => Promise<void>) {
    this.#waitUntilUp = waitUntilUp;
  }

  /** A write, or a read of one user. Requests that could not be sent are no operations: they are sent again. */
  async user(
    http: HttpClient,
    client: string,
    intent: Intent,
    request: Request,
    known?: Remembered,
  ): Promise<Operation> {
    const { start, end, answer, fault } = await this.#send(http, request);
    const status = answer?.status;
    const base = { ...intent, client, start, end, status, fault, outcome: outcomeOf(status) };
    let operation: Operation = { ...base, cache: answer?.headers['x-cache'] };
    if (status === 304) operation = { ...operation, version: known?.users[0]?.version };
    else if (status === 412) operation = { ...operation, version: versionIn(answer?.headers.etag) };
    else if (answer && (status === 200 || status === 201)) operation = { ...operation, user: JSON.parse(answer.body) };
    this.operations.push(operation);
    return operation;
  }

  /** A page. @returns what to remember of it */
  async list(
    http: HttpClient,
    client: string,
    query: SeenQuery,
    request: Request,
    known?: Remembered,
  ): Promise<Remembered | undefined> {
    const { start, end, answer, fault } = await this.#send(http, request);
    const status = answer?.status;
    const cache = answer?.headers['x-cache'];
    const seen = status === 304 ? known : answer && status === 200 ? rememberList(answer) : undefined;
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
        const answer = await http.send(method, path, headers, body);
        return { start, end: performance.now(), answer, fault: undefined };
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error;
        if (error.sent) return { start, end: Number.POSITIVE_INFINITY, answer: undefined, fault: error.message };
      }
    }
  }
}

/** @returns what to send with the next read of that user, and what its 304 would mean */
export function rememberUser(user: SeenUser): Remembered {
  return { etag: `"${user.version}"`, users: [user], total: 1, next: null };
}

function rememberList({ headers, body }: Answer): Remembered {
  const { users, total, next } = JSON.parse(body) as { users: SeenUser[]; total: number; next: string | null };
  return { etag: headers.etag ?? '', users, total, next };
}

/** 4xx had no effect, save 429, which the router may say of a request that it gave up on; after 5xx nobody knows. */
function outcomeOf(status: number | undefined): Operation['outcome'] {
  if (status === undefined || status >= 500 || status === 429) return 'unknown';
  return status < 400 ? 'ok' : 'refused';
}

function versionIn(etag: string | undefined): number | undefined {
  const version = /^"(\d+)"$/.exec(etag ?? '')?.[1];
  return version === undefined ? undefined : Number(version);
}
