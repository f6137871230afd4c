/**
 * Takes a screenshot of each page for people to look at, in infra/tests/screenshots/, which Git ignores, and checks that
 * no page is wider than the window. To renew the README's screenshot of the list:
 *
 *     npm run test:browser -- infra/tests/browser/screenshots.test.ts
 *     cp infra/tests/screenshots/site.png infra/docs/site.png
 */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { people } from '../../scripts/seed/people.ts';
import { describeInBrowser, hydrated } from '../support/browser.ts';

const folder = join(import.meta.dirname, '../screenshots');
mkdirSync(folder, { recursive: true });

const paths = {
  list: '/',
  empty: '/?q=nobody',
  create: '/create',
  user: '/users/2',
  edit: '/edit',
  delete: '/delete?id=1&id=2',
  bin: '/bin',
  import: '/import',
  twins: '/twins',
  system: '/system',
  missing: '/nowhere',
};
const difficultNames = [
  'Ana Souza',
  'José da Conceição',
  '<b>Markup</b>',
  'مرحبا بالعالم',
  'W'.repeat(100),
  'Zoë Ångström',
];

describeInBrowser('screenshots of all pages', (fixture) => {
  before(async () => {
    for (const [index, name] of difficultNames.entries()) await fixture.create(name, `user${index}@example.com`);
  });

  for (const [colorScheme, width, prefix] of [
    ['light', 1280, ''],
    ['dark', 1280, '/pt-br'],
    ['light', 360, '/pt-br'],
    ['dark', 360, ''],
    ['light', 320, ''],
    ['light', 640, '/pt-br'],
    ['light', 768, '/pt-br'],
    ['dark', 1920, ''],
  ] as const) {
    test(`each page fits, ${colorScheme}, ${width} px wide${prefix && ', in Portuguese'}`, async () => {
      const page = await (await fixture.context({ colorScheme, viewport: { width, height: 800 } })).newPage();
      for (const [name, path] of Object.entries(paths)) {
        await page.goto(prefix + path);
        await hydrated(page);
        await page.screenshot({ path: join(folder, `${name}-${colorScheme}-${width}.png`), fullPage: true });
        await assertFits(page, path);
      }
    });
  }

  test('a conflict between long names fits a narrow window', async () => {
    const page = await fixture.open('/users/5', { viewport: { width: 320, height: 800 } });
    await page.getByLabel('Name').fill('M'.repeat(100));
    await fixture.request('PATCH', '/users/5', { name: 'N'.repeat(100) });
    await page.getByRole('columnheader', { name: 'Before', includeHidden: true }).waitFor({ state: 'attached' });
    await assertFits(page, 'the conflict');
  });

  test('no button leaves its notice in a narrow window', async () => {
    const page = await fixture.open('/pt-br/users/6', { viewport: { width: 320, height: 800 } });
    await page.getByLabel('Nome').fill('Mine');
    await fixture.request('PATCH', '/users/6', { name: 'Theirs' });
    const buttons = page.locator('.conflict .button');
    await buttons.first().waitFor();
    const [notice, ...boxes] = await Promise.all([
      page.locator('.conflict').boundingBox(),
      ...(await buttons.all()).map((button) => button.boundingBox()),
    ]);
    for (const box of boxes) {
      assert.ok(box && notice && box.x + box.width <= notice.x + notice.width, JSON.stringify([box, notice]));
    }
  });

  test('paper shows no button, and the list repeats its header', async () => {
    const page = await fixture.open('/');
    await page.emulateMedia({ media: 'print' });
    for (const path of Object.values(paths)) {
      await page.goto(path);
      const shown = await page.locator('button:visible, .button:visible, nav:visible').count();
      assert.equal(shown, path === '/' ? await page.locator('.pager:visible').count() : 0, path);
    }
  });

  test('a sheet of paper shows the list as a table', async () => {
    // The printable width of A4 with Chromium's margins: 718 CSS pixels.
    const page = await fixture.open('/', { viewport: { width: 718, height: 1000 } });
    const display = () =>
      page
        .locator('.users tbody tr')
        .first()
        .evaluate((row) => getComputedStyle(row).display);
    assert.equal(await display(), 'grid');
    await page.emulateMedia({ media: 'print' });
    assert.equal(await display(), 'table-row');
    await assertFits(page, '/');
  });

  test('high contrast marks the current tab, language and theme alone', async () => {
    const page = await fixture.open('/', { forcedColors: 'active' });
    const styles = (selector: string, property: string) =>
      page
        .locator(selector)
        .evaluateAll(
          (elements, property) => elements.map((element) => getComputedStyle(element).getPropertyValue(property)),
          property,
        );
    const [current, ...others] = await styles('.tabs a', 'border-bottom-color');
    const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    assert.deepEqual(new Set(others), new Set([paper]));
    assert.notEqual(current, paper);
    for (const group of ['.languages a', '.themes button']) {
      const [chosen, ...rest] = await styles(group, 'background-color');
      assert.ok(!rest.includes(chosen ?? ''), group);
    }
  });

  test('a browser without light-dark() has the colours of its theme', async () => {
    const css = await (await fetch(new URL(await stylesheet(fixture.site.url), fixture.site.url))).text();
    assert.doesNotMatch(css, /light-dark\(/);
    for (const [colorScheme, theme, line] of [
      ['light', 'auto', 'rgb(226, 229, 234)'],
      ['dark', 'auto', 'rgb(42, 47, 58)'],
      ['dark', 'light', 'rgb(226, 229, 234)'],
      ['light', 'dark', 'rgb(42, 47, 58)'],
    ] as const) {
      const page = await fixture.open('/', { colorScheme });
      await page.evaluate((theme) => Object.assign(document.documentElement.dataset, { theme }), theme);
      const shown = await page.locator('.users').evaluate((table) => getComputedStyle(table).borderTopColor);
      assert.equal(shown, line, `${theme} on ${colorScheme}`);
    }
  });
});

describeInBrowser(
  'a browser with text of twice the usual size',
  (fixture) => {
    before(async () => {
      for (const [index, name] of difficultNames.entries()) await fixture.create(name, `user${index}@example.com`);
    });

    for (const width of [1280, 640]) {
      test(`enlarges all text, and each page fits, ${width} px wide`, async () => {
        const page = await (await fixture.context({ viewport: { width, height: 800 } })).newPage();
        for (const [name, path] of Object.entries(paths)) {
          await page.goto(path);
          await hydrated(page);
          await page.screenshot({ path: join(folder, `${name}-large-text-${width}.png`), fullPage: true });
          await assertFits(page, path);
          const smallestPx = await page.evaluate(() =>
            Math.min(
              ...[...document.querySelectorAll('body *:not(svg, svg *)')].map((element) =>
                Number.parseFloat(getComputedStyle(element).fontSize),
              ),
            ),
          );
          assert.ok(smallestPx >= 22, `${path} has text of ${smallestPx} px`);
        }
      });
    }
  },
  { chromium: ['--blink-settings=defaultFontSize=32'] },
);

/** Fails if the reader has to scroll the page sideways. */
async function assertFits(page: Page, path: string): Promise<void> {
  const overflowPx = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  assert.ok(overflowPx <= 0, `${path} is ${overflowPx} px too wide`);
}

/** @returns the path of the site's stylesheet */
async function stylesheet(url: string): Promise<string> {
  return /href="(\/_astro\/[^"]+\.css)"/.exec(await (await fetch(url)).text())?.[1] ?? '';
}

describeInBrowser('the screenshot of the README', (fixture) => {
  test('shows a list of plausible users', async () => {
    // Not every machine has fonts for the other scripts.
    const latin = [...people(150, 4)].filter(({ name }) => /^[\p{Script=Latin}\p{Script=Common}]+$/u.test(name));
    for (const { name, email } of latin) await fixture.create(name, email);
    const page = await fixture.open('/', { colorScheme: 'light', viewport: { width: 1280, height: 800 } });
    // Several loads, so that the chart of loads has bars.
    for (const sort of ['name', '-name', 'name', 'email', '-id', 'id']) {
      await page.goto(`/?sort=${sort}`);
      await hydrated(page);
    }
    await page.getByText('Live', { exact: true }).waitFor();
    await page.screenshot({ path: join(folder, 'site.png') });
  });
});
