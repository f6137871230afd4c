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
    ['light', 768, '/pt-br'],
    ['dark', 1920, ''],
  ] as const) {
    test(`each page fits, ${colorScheme}, ${width} px wide${prefix && ', in Portuguese'}`, async () => {
      const page = await (await fixture.context({ colorScheme, viewport: { width, height: 800 } })).newPage();
      for (const [name, path] of Object.entries(paths)) {
        await page.goto(prefix + path);
        await hydrated(page);
        await page.screenshot({ path: join(folder, `${name}-${colorScheme}-${width}.png`), fullPage: true });
        const overflowPx = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        assert.ok(overflowPx <= 0, `${path} is ${overflowPx} px too wide`);
      }
    });
  }

  test('a conflict between long names fits a narrow window', async () => {
    const page = await fixture.open('/users/5', { viewport: { width: 320, height: 800 } });
    await page.getByLabel('Name').fill('M'.repeat(100));
    await fixture.request('PATCH', '/users/5', { name: 'N'.repeat(100) });
    await page.getByRole('columnheader', { name: 'Before', includeHidden: true }).waitFor({ state: 'attached' });
    const overflowPx = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    assert.ok(overflowPx <= 0, `${overflowPx} px too wide`);
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
