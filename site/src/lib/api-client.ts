/** The HTTP client for the API, for the site server and the browser. It returns failures as values: a page shows each. */
import { type Engines, placeOf } from './api-health.ts';
import {
  type BatchResult,
  type DeletedUserPage,
  isCacheState,
  type Load,
  type Problem,
  type User,
  type UserHistoryPage,
  type UserPage,
  type UserTwins,
} from './api-types.ts';

/** The API could not be reached, was too slow, or answered with a problem. `retryAfterMs` is the wait that it asks for. */
export type ApiFailure =
  | { kind: 'unreachable' | 'slow' }
  | { kind: 'problem'; status: number; problem: Problem; retryAfterMs?: number };

/** A successful answer. `milliseconds` is the time from the request to the end of the body. */
export interface ApiResponse<T> {
  body: T;
  status: number;
  headers: Headers;
  milliseconds: number;
}

/** The outcome of a request. No method of the client throws. */
export type Result<T> = { ok: true; answer: ApiResponse<T> } | { ok: false; failure: ApiFailure };

/** The parts of a request. `body` is sent as JSON. */
export interface ApiRequest {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** The client that `createApi` makes. */
export type Api = ReturnType<typeof createApi>;

/**
 * @param base the address of the API; its path is a prefix
 * @param timeoutMs the time for a whole answer
 * @param common headers of every request
 * @param beforeResult is awaited before each result, good or bad
 * @param send stands in for fetch in tests
 */
export function createApi(
  base: URL,
  timeoutMs: number,
  {
    headers: common = {},
    send = fetch,
    beforeResult,
  }: { headers?: Record<string, string>; send?: typeof fetch; beforeResult?: () => Promise<void> } = {},
) {
  const prefix = base.href.replace(/\/$/, '');

  async function ask<T>(path: string, request?: ApiRequest): Promise<Result<T>> {
    const result = await exchange<T>(path, request);
    await beforeResult?.();
    return result;
  }

  async function exchange<T>(
    path: string,
    { method = 'GET', body, headers = {}, signal }: ApiRequest = {},
  ): Promise<Result<T>> {
    const started = performance.now();
    const late = AbortSignal.timeout(timeoutMs);
    try {
      const response = await send(prefix + path, {
        method,
        headers: {
          accept: 'application/json, application/problem+json',
          ...common,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        body: body === undefined ? null : JSON.stringify(body),
        redirect: 'error',
        signal: signal ? AbortSignal.any([signal, late]) : late,
      });
      const text = await response.text();
      const milliseconds = performance.now() - started;
      const parsed = parse(text);
      if (response.ok && (parsed !== undefined || text === '')) {
        return {
          ok: true,
          answer: { body: parsed as T, status: response.status, headers: response.headers, milliseconds },
        };
      }
      return { ok: false, failure: failureOf(response.status, parsed, response.headers) };
    } catch (error) {
      return { ok: false, failure: { kind: late.aborted || isTimeout(error) ? 'slow' : 'unreachable' } };
    }
  }

  return {
    ask,
    list: (query: string) => ask<UserPage>(`/users?${query}`),
    twins: () => ask<UserTwins>('/users/twins'),
    get: (id: string | number) => ask<User>(`/users/${encodeURIComponent(id)}`),
    create: (body: unknown, key: string) =>
      ask<User>('/users', { method: 'POST', body, headers: key === '' ? {} : { 'idempotency-key': key } }),
    replace: (id: string | number, body: unknown, tag: string) =>
      ask<User>(`/users/${encodeURIComponent(id)}`, { method: 'PUT', body, headers: match(tag) }),
    history: (id: number, query: string) => ask<UserHistoryPage>(`/users/${id}/history?${query}`),
    /** Brings back the state that a user had before a change. */
    restoreState: (id: number, change: number, tag: string) =>
      ask<User>(`/users/${id}/history/${change}/restore`, { method: 'POST', headers: match(tag) }),
    /** Deletes up to 1,000 users by id, or the first 1,000 that a search finds, or the first 1,000 of all. */
    removeMany: (body: { users: { id: number; version: number }[] } | { q: string } | { all: true }, key: string) =>
      ask<{ results: BatchResult[]; left: number }>('/users/batch-delete', {
        method: 'POST',
        body,
        headers: { 'idempotency-key': key },
      }),
    listBin: (query: string) => ask<DeletedUserPage>(`/users/bin?${query}`),
    /** Restores up to 1,000 users from the bin. */
    restore: (ids: readonly number[], key: string) =>
      ask<{ results: BatchResult[] }>('/users/bin/restore', {
        method: 'POST',
        body: { ids },
        headers: { 'idempotency-key': key },
      }),
  };
}

/**
 * Reads X-Cache: whether a response came from the cache or the database. A response without it counts as bypass.
 * @param engines the database and the cache, as far as they are known
 */
export function sourceOf({ headers }: ApiResponse<unknown>, engines: Engines): Pick<Load, 'state' | 'place'> {
  const header = headers.get('x-cache');
  const state = isCacheState(header) ? header : 'bypass';
  return { state, place: placeOf(state === 'hit', engines) };
}

/** @returns the source, time and size of a list, for the load badge */
export function loadOf(answer: ApiResponse<UserPage>, engines: Engines): Load {
  const { total, totalExact } = answer.body;
  return { ...sourceOf(answer, engines), milliseconds: answer.milliseconds, total, totalExact };
}

function match(tag: string): Record<string, string> {
  return tag === '' ? {} : { 'if-match': tag };
}

function parse(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError');
}

function failureOf(status: number, body: unknown, headers: Headers): ApiFailure {
  const given: Partial<Problem> = typeof body === 'object' && body !== null ? body : {};
  const requestId = given.requestId ?? headers.get('x-request-id') ?? undefined;
  // A page cannot use a success without JSON, such as one of a captive portal.
  const shown = status < 400 ? 502 : status;
  const problem = { ...given, title: given.title ?? '', status: shown, requestId };
  const seconds = headers.get('retry-after') ?? '';
  // Neither the router nor a common proxy sends a date in Retry-After.
  const retryAfterMs = /^\d{1,9}$/.test(seconds) ? Number(seconds) * 1_000 : undefined;
  return { kind: 'problem', status: shown, problem, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** Whether the same request can succeed later. */
export function isTransient(failure: ApiFailure): boolean {
  return failure.kind !== 'problem' || failure.status >= 500 || failure.status === 429;
}

/** @returns the HTTP status of a page that shows this failure instead of its data */
export function statusOf(failure: ApiFailure): number {
  if (failure.kind === 'problem') return failure.status;
  return failure.kind === 'slow' ? 504 : 503;
}
