/** Starts routers with AUTH=on, on a database in which a test makes keys and people. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { Accounts } from '#lib/accounts/accounts.ts';
import { createApiKey } from '#lib/accounts/api-keys.ts';
import { findPersonNamed } from '#lib/accounts/people.ts';
import type { Role } from '#lib/accounts/roles.ts';
import { beginSession } from '#lib/accounts/sessions.ts';
import { readConfig } from '#lib/config.ts';
import { Database } from '#lib/database/database.ts';
import { migrations, schemaVersion } from '#migrations';
import { type Router, startRouter } from './router.ts';
import { describeEveryStack, Servers, type Stack } from './stack.ts';

/** The password of every person that a test adds. */
export const password = 'correct horse battery';

/** A response with its JSON body. */
export interface AuthResponse {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into what they expect
  readonly body: any;
}

/** Sends a request to a router. */
export type Call = (request: string, credential?: string, body?: unknown) => Promise<AuthResponse>;

/**
 * Makes the key of an administrator in the database of a router that has started, if the tests' own environment says AUTH=on.
 * @param env the settings of the database
 * @returns the headers that each request needs; none while AUTH is off
 */
export async function administratorHeaders(env: Record<string, string>): Promise<Record<string, string>> {
  if (process.env.AUTH !== 'on') return {};
  const database = new Database(readConfig(env).database, schemaVersion);
  try {
    const key = { name: 'tests', role: 'administrator', lifetimeMs: undefined } as const;
    return { 'x-api-key': await database.transact((connection) => createApiKey(connection, key, Date.now())) };
  } finally {
    await database.close();
  }
}

/** A router with AUTH=on, and the database below it. */
export class AuthApi {
  readonly #stack: Stack;
  readonly #more: Record<string, string>;
  readonly #folder = mkdtempSync(join(tmpdir(), 'cadastro-auth-'));
  readonly #routers: Router[] = [];
  #servers: Servers | undefined;
  #database: Database | undefined;
  #accounts: Accounts | undefined;
  #env: Record<string, string> = {};

  /** @param more settings of the routers */
  constructor(stack: Stack = {}, more: Record<string, string> = {}) {
    this.#stack = stack;
    this.#more = more;
  }

  /** The first router. */
  get router(): Router {
    return started(this.#routers[0]);
  }

  get database(): Database {
    return started(this.#database);
  }

  get accounts(): Accounts {
    return started(this.#accounts);
  }

  async start(): Promise<void> {
    this.#servers = await Servers.start(this.#stack);
    const env = { DATABASE_URL: `sqlite:${join(this.#folder, 'app.db')}`, ...this.#servers.env, ...this.#more };
    const config = readConfig(env);
    this.#database = new Database(config.database, schemaVersion);
    await this.#database.migrate(migrations);
    this.#accounts = new Accounts(this.#database, config.accounts);
    this.#env = { AUTH: 'on', LOG_LEVEL: 'WARN', ...env };
    await this.#startRouter();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#routers.map((router) => router.stop()));
    await this.#database?.close();
    await this.#servers?.stop();
    rmSync(this.#folder, { recursive: true });
  }

  /** Starts one more router on the same database. @returns a function that sends requests to it */
  async another(): Promise<Call> {
    const { url } = await this.#startRouter();
    return (...request) => send(url, ...request);
  }

  /** @returns a new key */
  createKey(name: string, role: Role): Promise<string> {
    const key = { name, role, lifetimeMs: undefined };
    return this.database.transact((connection) => createApiKey(connection, key, Date.now()));
  }

  /** Adds a person who has the password. */
  async addPerson(name: string, role: Role): Promise<void> {
    await this.accounts.add({ name, email: null, role }, password);
  }

  /** Signs a person in over HTTP. @returns the token */
  async signIn(name: string, given = password): Promise<string> {
    const { status, body } = await this.call('POST /sessions', undefined, { name, password: given });
    assert.equal(status, 201, JSON.stringify(body));
    return body.token;
  }

  /** Begins a session without the work of a sign-in. @returns the token */
  async beginSession(name: string): Promise<string> {
    const { sessions } = readConfig(this.#env).accounts;
    return this.database.transact(async (connection) => {
      const person = await findPersonNamed(connection, name);
      return (await beginSession(connection, person?.id ?? 0, sessions, Date.now())).token;
    });
  }

  /**
   * Sends a request to the first router.
   * @param request method and path
   * @param credential a key or a session token
   * @param body sent as JSON
   */
  call: Call = (...request) => send(this.router.url, ...request);

  async #startRouter(): Promise<Router> {
    const router = await startRouter({ env: this.#env });
    this.#routers.push(router);
    return router;
  }
}

/** Declares the same tests with AUTH=on for each stack. @param env further settings */
export function withAuthOnEveryStack(
  subject: string,
  env: Record<string, string>,
  tests: (auth: AuthApi) => void,
): void {
  describeEveryStack(subject, (stack) => {
    const auth = new AuthApi(stack, env);
    before(() => auth.start());
    after(() => auth.stop());
    tests(auth);
  });
}

async function send(url: string, ...[request, credential, body]: Parameters<Call>): Promise<AuthResponse> {
  const [method = '', path] = request.split(' ');
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(credential && { authorization: `Bearer ${credential}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
}

function started<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('The router is not started: call start() first');
  return value;
}
