/** Asks the API, with every way of failing as a value: a page always has something to say. */
import { isCacheState, type Load, type Problem, type User, type UserPage } from './api-types.ts';

export type ApiFailure = { kind: 'unreachable' | 'slow' } | { kind: 'problem'; status: number; problem: Problem };

export interface Answer<T> {
  body: T;
  status: number;
  headers: Headers;
  milliseconds: number;
}

export type Result<T> = { ok: true; answer: Answer<T> } | { ok: false; failure: ApiFailure };

export interface Ask {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export type Api = ReturnType<typeof createApi>;

export function createApi(base: URL, timeout: number, send: typeof fetch = fetch) {
  const prefix = base.href.replace(/\/$/, '');

  async function ask<T>(path: string, { method = 'GET', body, headers = {}, signal }: Ask = {}): Promise<Result<T>> {
    const started = performance.now();
    const late = AbortSignal.timeout(timeout);
    try {
      const response = await send(prefix + path, {
        method,
        headers: {
          accept: 'application/json, application/problem+json',
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
      if ((response.ok || response.status === 304) && (parsed !== undefined || text === '')) {
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
    get: (id: string | number) => ask<User>(`/users/${encodeURIComponent(id)}`),
    create: (body: unknown, key: string) =>
      ask<User>('/users', { method: 'POST', body, headers: key === '' ? {} : { 'idempotency-key': key } }),
    replace: (id: string | number, body: unknown, tag: string) =>
      ask<User>(`/users/${encodeURIComponent(id)}`, { method: 'PUT', body, headers: match(tag) }),
    remove: (id: string | number, tag: string) =>
      ask<undefined>(`/users/${encodeURIComponent(id)}`, { method: 'DELETE', headers: match(tag) }),
  };
}

/** Where an answer came from, by its headers. */
export function sourceOf({ headers }: Answer<unknown>, redis: boolean): Pick<Load, 'state' | 'redis'> {
  const state = headers.get('x-cache');
  return { state: isCacheState(state) ? state : 'bypass', redis };
}

export function loadOf(answer: Answer<UserPage>, redis: boolean): Load {
  return { ...sourceOf(answer, redis), milliseconds: answer.milliseconds, total: answer.body.total };
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
  // A success that is no JSON is as useless to a page as an error.
  const shown = status < 400 ? 502 : status;
  return { kind: 'problem', status: shown, problem: { ...given, title: given.title ?? '', status: shown, requestId } };
}

/** Whether asking again later can help. */
export function isTransient(failure: ApiFailure): boolean {
  return failure.kind !== 'problem' || failure.status >= 500 || failure.status === 429;
}

/** The status that a page which could not get its data has. */
export function statusOf(failure: ApiFailure): number {
  if (failure.kind === 'problem') return failure.status;
  return failure.kind === 'slow' ? 504 : 503;
}
