/** Starts routers with AUTH=on, on a database in which a test makes keys and people. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Accounts } from '#lib/accounts/accounts.ts';
import { createApiKey } from '#lib/accounts/api-keys.ts';
import type { Role } from '#lib/accounts/roles.ts';
import { readConfig } from '#lib/config.ts';
import { Database } from '#lib/database/database.ts';
import { migrations, schemaVersion } from '#migrations';
import { type Router, startRouter } from './router.ts';

/** The password of every person that a test adds. */
export const password = 'correct horse battery';

/** A response with its JSON body. */
export interface AuthResponse {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into what they expect
  readonly body: any;
}

/** A router with AUTH=on. */
export interface AuthRouter {
  readonly router: Router;
  readonly database: Database;
  /** @returns a new key */
  createKey(name: string, role: Role): Promise<string>;
  addPerson(name: string, role: Role): Promise<void>;
  /**
   * @param request method and path
   * @param credential a key or a session token
   * @param body sent as JSON
   */
  call(request: string, credential?: string, body?: unknown): Promise<AuthResponse>;
  stop(): Promise<void>;
}

/**
 * Brings a database to its schema, and makes a key.
 * @param env the settings of the database
 */
export async function createAdministratorKey(env: Record<string, string>): Promise<string> {
  const database = new Database(readConfig(env).database, schemaVersion);
  try {
    await database.migrate(migrations);
    const key = { name: 'tests', role: 'administrator', lifetimeMs: undefined } as const;
    return await database.transact((connection) => createApiKey(connection, key, Date.now()));
  } finally {
    await database.close();
  }
}

/** @param env further settings */
export async function startAuthRouter(env: Record<string, string> = {}): Promise<AuthRouter> {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-auth-'));
  const DATABASE_URL = `sqlite:${join(folder, 'app.db')}`;
  const config = readConfig({ DATABASE_URL });
  const database = new Database(config.database, schemaVersion);
  await database.migrate(migrations);
  const accounts = new Accounts(database, config.accounts);
  const router = await startRouter({ env: { AUTH: 'on', DATABASE_URL, LOG_LEVEL: 'WARN', ...env } });
  return {
    ...{ router, database },
    createKey: (name, role) =>
      database.transact((connection) => createApiKey(connection, { name, role, lifetimeMs: undefined }, Date.now())),
    async addPerson(name, role) {
      await accounts.add({ name, email: null, role }, password);
    },
    async call(request, credential, body) {
      const [method = '', path] = request.split(' ');
      const response = await fetch(`${router.url}${path}`, {
        method,
        headers: {
          ...(credential && { authorization: `Bearer ${credential}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
    },
    async stop() {
      await router.stop();
      await database.close();
      rmSync(folder, { recursive: true });
    },
  };
}
