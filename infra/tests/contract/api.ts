/**
 * A client of the HTTP API for contract tests. Each suite starts a router, with Redis or with the embedded cache. With AUTH=on in
 * the tests' own environment the client sends the key of an administrator.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { administratorHeaders } from '../support/auth.ts';
import type { RedisServer } from '../support/redis.ts';
import { type Router, startRouter } from '../support/router.ts';
import { describeEveryStack, describeWithRedis, Servers, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

export interface ApiResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into what they expect
  readonly body: any;
}

export interface ApiRequest {
  readonly headers?: Record<string, string>;
  /** Text and bytes are sent as they are, anything else as JSON. */
  readonly body?: unknown;
}

/** Sends requests to a router that `start` has started, and gives access to its Redis. */
export class Api {
  #router: Router | undefined;
  #servers: Servers | undefined;
  #folder: string | undefined;
  #headers: Record<string, string> = {};
  readonly #stack: Stack;

  constructor(stack: Stack) {
    this.#stack = stack;
  }

  get router(): Router {
    if (this.#router === undefined) throw new Error('The router is not started: call start() first');
    return this.#router;
  }

  get url(): string {
    return this.router.url;
  }

  get redis(): RedisServer {
    if (this.#servers === undefined) throw new Error('The servers are not started: call start() first');
    return this.#servers.redis;
  }

  async start(): Promise<void> {
    this.#servers = await Servers.start(this.#stack);
    this.#folder = mkdtempSync(join(tmpdir(), 'cadastro-contract-'));
    const database = { DATABASE_URL: `sqlite:${join(this.#folder, 'app.db')}` };
    const env = { ...database, LOG_LEVEL: 'WARN', ...this.#servers.env };
    this.#router = await startRouter({ env });
    this.#headers = await administratorHeaders(env);
  }

  async stop(): Promise<void> {
    await this.#router?.stop();
    await this.#servers?.stop();
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true });
  }

  async request(method: string, path: string, { headers = {}, body }: ApiRequest = {}): Promise<ApiResponse> {
    const isRaw = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...this.#headers,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: (isRaw ? body : JSON.stringify(body)) as string | undefined,
    });
    const text = await response.text();
    const isJson = text !== '' && /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
  }

  get = (path: string, headers: Record<string, string> = {}) => this.request('GET', path, { headers });
  post = (body: unknown, headers: Record<string, string> = {}) => this.request('POST', '/users', { body, headers });
  put = (id: number, body: unknown, headers: Record<string, string> = {}) =>
    this.request('PUT', `/users/${id}`, { body, headers });
  patch = (id: number, body: unknown, headers: Record<string, string> = {}) =>
    this.request('PATCH', `/users/${id}`, { body, headers });
  delete = (id: number, headers: Record<string, string> = {}) => this.request('DELETE', `/users/${id}`, { headers });

  /**
   * Reads until the cache took part. On a busy machine the cache may answer too late, and the read bypasses it.
   * @returns the first answer whose X-Cache is "hit" or "miss"
   */
  getThroughCache(path: string): Promise<ApiResponse> {
    return until(`a read of ${path} that asks the cache`, async () => {
      const answer = await this.get(path);
      return answer.headers.get('x-cache') !== 'bypass' && answer;
    });
  }

  /** Reads until the answer comes from the cache. @returns that answer */
  getHit(path: string): Promise<ApiResponse> {
    return until(`a cache hit of ${path}`, async () => {
      const answer = await this.get(path);
      return answer.headers.get('x-cache') === 'hit' && answer;
    });
  }

  #count = 0;

  /** Creates a user with an e-mail of its own. @returns the user's fields */
  async createUser(name = 'Ada Lovelace'): Promise<{ id: number; name: string; email: string; version: number }> {
    this.#count++;
    const { status, body, text } = await this.post({ name, email: `user.${process.pid}.${this.#count}@example.com` });
    if (status !== 201) throw new Error(`POST /users answered ${status}: ${text}`);
    return body;
  }
}

/** Declares the same tests for each stack: SQLite with both caches, and PostgreSQL with Redis, alone and behind PgBouncer. */
export function onEveryStack(subject: string, tests: (api: Api) => void): void {
  describeEveryStack(subject, (stack) => declare(new Api(stack), tests));
}

/** Declares tests that need Redis. @throws Error in continuous integration without Redis */
export function withRedis(subject: string, tests: (api: Api) => void): void {
  describeWithRedis(subject, (stack) => declare(new Api(stack), tests));
}

function declare(api: Api, tests: (api: Api) => void): void {
  before(() => api.start());
  after(() => api.stop());
  tests(api);
}
