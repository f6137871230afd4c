/** Starts Chromium, a router and a site with real functions behind it, for tests that use the site as a reader does. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, describe } from 'node:test';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Locator,
  type Page,
} from 'playwright-core';
import { administrator, type BrowserAccounts, createAccounts, signIn } from './browser-accounts.ts';
import { PostgresServer, skipWithoutPostgres } from './postgres.ts';
import { RedisServer, skipWithoutRedis } from './redis.ts';
import { skipWithout } from './requirement.ts';
import { type Router, type RouterOptions, startRouter } from './router.ts';
import { type Site, startSite } from './site.ts';
import { until as pollUntil } from './until.ts';

const executablePath = process.env.CHROMIUM || '/usr/bin/chromium';
const chromiumFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
];

/**
 * Ends a wait for something that never happens. No test expects anything to happen faster than this: a slow or busy
 * machine takes longer, and does not fail.
 */
const safetyTimeoutMs = 120_000;

/** Whether the site runs on PostgreSQL and Redis (BROWSER_ENGINE=postgres) instead of SQLite and the embedded cache. */
export const isOnPostgres = process.env.BROWSER_ENGINE === 'postgres';

/** Whether every suite runs with AUTH=on, and signs its browser profiles in by password as an administrator (AUTH=on). */
const isSignedIn = process.env.AUTH === 'on';

/** A user as the API returns it, as far as the tests read it. */
export interface CreatedUser {
  id: number;
  name: string;
  email: string;
  version: number;
}

/** The objects that the tests of one `describeInBrowser` share. */
export interface BrowserFixture {
  router: Router;
  site: Site;
  browser: Browser;
  /**
   * Opens a page of the site in a browser profile of its own and waits until its islands work.
   * @param path address below the site's root
   */
  open(path: string, options?: BrowserContextOptions): Promise<Page>;
  /** Makes a browser profile whose relative addresses are the site's and whose page errors fail the suite. */
  context(options?: BrowserContextOptions): Promise<BrowserContext>;
  /**
   * Sends a request to the site without a browser, as the person whom `context` signs in.
   * @param address below the site's root, or of another site of the suite's router
   */
  fetch(address: string, init?: RequestInit): Promise<Response>;
  /** The settings of accounts for a further site of the suite's router; none while AUTH is off. */
  siteAccounts: Record<string, string>;
  /** Creates a user by a request to the API, past the site. */
  create(name: string, email: string): Promise<CreatedUser>;
  /** Sends a JSON request to the API, past the site. */
  request(method: string, path: string, body?: unknown): Promise<Response>;
  /** The accounts of a suite with `auth`, and of each suite where AUTH=on. */
  accounts: BrowserAccounts;
  /** Errors that pages reported: uncaught exceptions and messages of `console.error`. */
  errors: string[];
}

interface Options {
  router?: RouterOptions;
  /** Runs router and site with AUTH=on. The suite's browser profiles are not signed in. */
  auth?: boolean;
  /** Settings of the site, as environment variables. */
  site?: Record<string, string>;
  /** Further command-line flags of Chromium. */
  chromium?: string[];
}

/** Describes tests that need Chromium. @throws Error in continuous integration without Chromium */
export function describeInBrowser(
  name: string,
  defineTests: (fixture: BrowserFixture) => void,
  options: Options = {},
): void {
  const skip =
    skipWithout(existsSync(executablePath) ? undefined : `there is no Chromium at ${executablePath}`) ||
    (isOnPostgres && (skipWithoutPostgres() || skipWithoutRedis()));
  describe(name, { skip }, () => {
    const fixture = {} as BrowserFixture;
    let servers: Servers | undefined;
    before(async () => {
      servers = isOnPostgres ? await startServers() : undefined;
      const router = { ...options.router, env: { ...servers?.env, ...options.router?.env } };
      Object.assign(fixture, await startFixture({ ...options, router }));
    });
    after(async () => {
      await fixture.browser?.close();
      await fixture.site?.stop();
      await fixture.router?.stop();
      await fixture.accounts?.stop();
      await servers?.stop();
      assert.deepEqual(fixture.errors ?? [], [], 'pages reported errors');
    });
    defineTests(fixture);
  });
}

/** PostgreSQL and Redis, and the settings with which a router uses them. */
interface Servers {
  env: Record<string, string>;
  stop(): Promise<unknown>;
}

async function startServers(): Promise<Servers> {
  const [postgres, redis] = await Promise.all([PostgresServer.start(), RedisServer.start()]);
  return {
    env: { DATABASE_URL: await postgres.createDatabase(), REDIS_URL: redis.url },
    stop: () => Promise.all([postgres.stop(), redis.stop()]),
  };
}

async function startFixture(options: Options): Promise<Partial<BrowserFixture>> {
  const accounts = options.auth || isSignedIn ? await createAccounts(databaseOf(options.router)) : undefined;
  const router = await startRouter({ ...options.router, env: { ...options.router?.env, ...accounts?.env } });
  const siteAccounts = accounts && { AUTH: 'on', SITE_KEY_FILE: accounts.env.SITE_KEY_FILE };
  const site = await startSite({
    ...siteAccounts,
    API_URL: router.url,
    STATUS_URL: router.statusUrl,
    // The tests of an API that fails set a limit of their own; elsewhere a busy machine may take its time.
    SITE_API_TIMEOUT_MS: String(safetyTimeoutMs),
    ...options.site,
  });
  const args = [...chromiumFlags, ...(options.chromium ?? [])];
  const browser = await chromium.launch({ executablePath, args, timeout: safetyTimeoutMs });
  const errors: string[] = [];

  const context: BrowserFixture['context'] = async (contextOptions = {}) => {
    const created = await browser.newContext({ baseURL: site.url, locale: 'en-US', ...contextOptions });
    created.setDefaultTimeout(safetyTimeoutMs);
    created.on('weberror', (error) => errors.push(String(error.error())));
    created.on('console', (message) => {
      // Chromium logs every answer with status 4xx or 5xx as an error, and many tests provoke such answers.
      if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) errors.push(message.text());
    });
    if (isSignedIn && !options.auth) await signIn(created, administrator);
    return created;
  };
  let cookie: Promise<string> | undefined;
  const sessionCookie = async () => {
    const created = await context();
    const cookies = await created.cookies();
    await created.close();
    return cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  };
  const fetchFromSite: BrowserFixture['fetch'] = async (address, init = {}) => {
    const headers = new Headers(init.headers);
    if (isSignedIn && !options.auth) {
      cookie ??= sessionCookie();
      headers.set('cookie', [headers.get('cookie'), await cookie].filter(Boolean).join('; '));
    }
    return fetch(new URL(address, site.url), { ...init, headers });
  };
  const request: BrowserFixture['request'] = (method, path, body) =>
    fetch(router.url + path, {
      method,
      headers: {
        ...(accounts && { authorization: `Bearer ${accounts.key}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });

  return {
    router,
    site,
    browser,
    errors,
    context,
    fetch: fetchFromSite,
    siteAccounts: siteAccounts ?? {},
    request,
    ...(accounts && { accounts }),
    async open(path, contextOptions) {
      const page = await (await context(contextOptions)).newPage();
      await page.goto(path);
      if (contextOptions?.javaScriptEnabled !== false) await hydrated(page);
      return page;
    },
    async create(name, email) {
      const response = await request('POST', '/users', { name, email });
      assert.equal(response.status, 201);
      return (await response.json()) as CreatedUser;
    },
  };
}

/** The database of the suite's router, if it has one of its own. */
function databaseOf({ env = {} }: RouterOptions = {}): Record<string, string> {
  const { DATABASE_URL, REDIS_URL } = env;
  return { ...(DATABASE_URL && { DATABASE_URL }), ...(REDIS_URL && { REDIS_URL }) };
}

/**
 * Waits until the page's islands are hydrated and their effects have run. Preact runs effects after the frame that
 * follows a rendering, so the wait goes on for two frames and a task.
 */
export async function hydrated(page: Page): Promise<void> {
  await page.waitForLoadState();
  await page.locator('astro-island[ssr]').first().waitFor({ state: 'detached' });
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve)))),
  );
}

/**
 * Stops the long timers that the page starts from now on, so that a test can act before they expire, however slow the
 * machine is. A deletion, for example, can be undone for 6 s.
 * @param minDelayMs timers of less than this run as usual
 * @returns a function that lets all stopped timers expire at once
 */
export async function stopTimers(page: Page, minDelayMs = 5_000): Promise<() => Promise<void>> {
  await page.evaluate((minDelayMs) => {
    const { setTimeout: start, clearTimeout: clear } = window;
    const stopped = new Map<number, () => void>();
    let lastId = 0;
    const startOrStop = (callback: () => void, delayMs?: number) => {
      if ((delayMs ?? 0) < minDelayMs) return start(callback, delayMs);
      // The browser's own ids are positive.
      stopped.set(--lastId, callback);
      return lastId;
    };
    const clearStopped = (id?: number) => {
      if (!stopped.delete(id ?? 0)) clear(id);
    };
    const expire = () => {
      for (const callback of stopped.values()) callback();
      stopped.clear();
    };
    Object.assign(window, { setTimeout: startOrStop, clearTimeout: clearStopped, expireStoppedTimers: expire });
  }, minDelayMs);
  return () => page.evaluate(() => Reflect.get(window, 'expireStoppedTimers')());
}

/** Makes a page believe that nobody sees it, or that somebody does again. A headless browser shows all pages at once. */
export async function setHidden(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, value: hidden });
    document.dispatchEvent(new Event('visibilitychange'));
  }, isHidden);
}

/**
 * Waits for a state that no event announces.
 * @param what the state, for the error's message
 * @throws Error when the state does not come before the safety time limit
 */
export function until(what: string, test: () => boolean | Promise<boolean>): Promise<boolean> {
  return pollUntil(what, test, { milliseconds: safetyTimeoutMs, every: 50 });
}

/** Waits until the page has the element. @returns its text */
export async function textOf(locator: Locator): Promise<string> {
  return (await locator.textContent()) ?? '';
}
