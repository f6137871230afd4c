/** Debian's Chromium for tests, and a site with a real router behind it to use it on. */
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
import { type Router, type RouterOptions, startRouter } from './router.ts';
import { type Site, startSite } from './site.ts';
import { until as untilWithin } from './until.ts';

const executablePath = process.env.CHROMIUM || '/usr/bin/chromium';
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
];

/** How long a test waits for what should be there at once, but on a machine that is busy with other tests. */
const patience = 20_000;

export interface UserAnswer {
  id: number;
  name: string;
  email: string;
  version: number;
}

export interface Stage {
  router: Router;
  site: Site;
  browser: Browser;
  /** Opens a page of the site in a browser profile of its own; what goes wrong in it fails the test. */
  open(path: string, options?: BrowserContextOptions): Promise<Page>;
  context(options?: BrowserContextOptions): Promise<BrowserContext>;
  /** Creates a user past the site. */
  create(name: string, email: string): Promise<UserAnswer>;
  request(method: string, path: string, body?: unknown): Promise<Response>;
  /** Errors that pages reported and no test has taken. */
  errors: string[];
}

interface Options {
  router?: RouterOptions;
  site?: Record<string, string>;
}

/**
 * Describes tests that need Chromium. Without one they fail where all must run (CI=true), and are skipped elsewhere.
 */
export function describeInBrowser(name: string, tests: (stage: Stage) => void, options: Options = {}): void {
  const missing = !existsSync(executablePath);
  const skip = missing && process.env.CI !== 'true' ? `no Chromium at ${executablePath}` : false;
  describe(name, { skip }, () => {
    const stage = {} as Stage;
    before(async () => {
      assert.ok(!missing, `these tests need Chromium at ${executablePath}`);
      Object.assign(stage, await setStage(options));
    });
    after(async () => {
      await stage.browser?.close();
      await stage.site?.stop();
      await stage.router?.stop();
      assert.deepEqual(stage.errors ?? [], [], 'pages reported errors');
    });
    tests(stage);
  });
}

async function setStage(options: Options): Promise<Stage> {
  const router = await startRouter(options.router);
  const site = await startSite({ API_URL: router.url, CONTROL_URL: router.controlUrl, ...options.site });
  const browser = await chromium.launch({ executablePath, args });
  const errors: string[] = [];

  const context: Stage['context'] = async (contextOptions = {}) => {
    const made = await browser.newContext({ baseURL: site.url, locale: 'en-US', ...contextOptions });
    made.setDefaultTimeout(patience);
    made.on('weberror', (error) => errors.push(String(error.error())));
    made.on('console', (message) => {
      // That a request answered 4xx or 5xx is what many tests are about.
      if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) errors.push(message.text());
    });
    return made;
  };
  const request: Stage['request'] = (method, path, body) =>
    fetch(router.url + path, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });

  return {
    router,
    site,
    browser,
    errors,
    context,
    request,
    async open(path, contextOptions) {
      const page = await (await context(contextOptions)).newPage();
      await page.goto(path);
      if (contextOptions?.javaScriptEnabled !== false) await hydrated(page);
      return page;
    },
    async create(name, email) {
      const response = await request('POST', '/users', { name, email });
      assert.equal(response.status, 201);
      return (await response.json()) as UserAnswer;
    },
  };
}

/** Waits until the page's islands work. */
export async function hydrated(page: Page): Promise<void> {
  await page.waitForLoadState();
  await page.locator('astro-island[ssr]').first().waitFor({ state: 'detached' });
}

/** Waits until something is so, with a browser's patience. */
export function until(what: string, test: () => boolean | Promise<boolean>): Promise<boolean> {
  return untilWithin(what, test, { milliseconds: patience, every: 50 });
}

export async function textOf(locator: Locator): Promise<string> {
  return (await locator.textContent()) ?? '';
}
