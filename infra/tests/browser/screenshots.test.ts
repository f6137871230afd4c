/** Takes a picture of each page, to be looked at by people: infra/tests/screenshots/, which is not kept. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { describeInBrowser, hydrated } from '../support/browser.ts';

const folder = join(import.meta.dirname, '../screenshots');
const pages = {
  list: '/',
  empty: '/?q=nobody',
  create: '/create',
  user: '/users/2',
  edit: '/edit',
  delete: '/delete?id=1&id=2',
  import: '/import',
  system: '/system',
  missing: '/nowhere',
};

describeInBrowser('pictures', (fixture) => {
  before(async () => {
    mkdirSync(folder, { recursive: true });
    for (const name of [
      'Ana Souza',
      'José da Conceição',
      '<b>Markup</b>',
      'مرحبا بالعالم',
      'W'.repeat(100),
      'Zoë Ångström',
    ]) {
      await fixture.create(name, `${Math.random().toString(36).slice(2)}@example.com`);
    }
  });

  for (const [colorScheme, width, prefix] of [
    ['light', 1280, ''],
    ['dark', 1280, '/pt-br'],
    ['light', 360, '/pt-br'],
    ['dark', 360, ''],
  ] as const) {
    test(`of each page, ${colorScheme}, ${width} px wide${prefix && ', in Portuguese'}`, async () => {
      const page = await (await fixture.context({ colorScheme, viewport: { width, height: 800 } })).newPage();
      for (const [name, path] of Object.entries(pages)) {
        await page.goto(prefix + path);
        await hydrated(page);
        await page.screenshot({ path: join(folder, `${name}-${colorScheme}-${width}.png`), fullPage: true });
        const spill = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        assert.ok(spill <= 0, `${path} is ${spill} px too wide`);
      }
    });
  }
});
