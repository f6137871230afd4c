/** People who sign in to the site under test by password, through its page. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { Accounts } from '#lib/accounts/accounts.ts';
import { createApiKey } from '#lib/accounts/api-keys.ts';
import type { Role } from '#lib/accounts/roles.ts';
import { readConfig } from '#lib/config.ts';
import { Database } from '#lib/database/database.ts';
import { migrations, schemaVersion } from '#migrations';
import { password } from './auth.ts';

/** The accounts of one site with AUTH=on. */
export interface BrowserAccounts {
  /** The settings with which router and site know the accounts. */
  readonly env: Record<string, string> & { readonly SITE_KEY_FILE: string };
  /** An administrator's key, for requests past the site. */
  readonly key: string;
  /** Adds a person with the password of all tests. */
  addPerson(name: string, role: Role): Promise<void>;
  /** Revokes what a person may do. */
  change(name: string, patch: { role?: Role; isDisabled?: boolean }): Promise<void>;
  stop(): Promise<void>;
}

/** The administrator whom each suite has. */
export const administrator = 'Root';

/** @param given the settings of the database, if the suite has one of its own */
export async function createAccounts(given: Record<string, string> = {}): Promise<BrowserAccounts> {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-browser-'));
  const env = { DATABASE_URL: `sqlite:${join(folder, 'app.db')}`, ...given };
  const config = readConfig(env);
  const database = new Database(config.database, schemaVersion);
  await database.migrate(migrations);
  const accounts = new Accounts(database, config.accounts);
  const add = async (name: string, role: Role) => {
    await accounts.add({ name, email: null, role }, password);
  };
  await add(administrator, 'administrator');
  const keyOfTests = { name: 'tests', role: 'administrator', lifetimeMs: undefined } as const;
  return {
    env: { ...env, AUTH: 'on', SITE_KEY_FILE: join(folder, 'site-key/key') },
    key: await database.transact((connection) => createApiKey(connection, keyOfTests, Date.now())),
    addPerson: add,
    async change(name, patch) {
      const person = (await accounts.list()).find((one) => one.name === name);
      if (!person) throw new Error(`there is no ${name}`);
      await accounts.change(person.id, patch);
    },
    async stop() {
      await database.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Signs in on the page that a visitor without a session gets, and waits for the page after it. */
export async function signInOn(page: Page, name: string, given = password): Promise<void> {
  await page.locator('input[name="name"]').fill(name);
  await page.locator('input[type="password"]').fill(given);
  await page.locator('main form button').click();
}

/** Signs a browser profile in by password. */
export async function signIn(context: BrowserContext, name: string): Promise<void> {
  const page = await context.newPage();
  await page.goto('/sign-in');
  await signInOn(page, name);
  await page.locator('header .person').waitFor();
  await page.close();
}
