/** The pages of accounts: accessible in each theme and language, and no wider than the window. Their pictures are in infra/tests/screenshots/. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import type { Page } from 'playwright-core';
import type { Role } from '#lib/accounts/roles.ts';
import { violations } from '../support/axe.ts';
import { describeInBrowser, hydrated } from '../support/browser.ts';
import { administrator, signIn, signInOn } from '../support/browser-accounts.ts';

const folder = join(import.meta.dirname, '../screenshots');
mkdirSync(folder, { recursive: true });

/** The longest name that a person may have, without a space. */
const longName = 'W'.repeat(100);
const names: Record<Role, string> = { reader: longName, editor: 'Edi Tor', administrator };
/** The pages that each role looks at. The last one of a reader is the page about a missing role. */
const paths: Record<Role, string[]> = {
  reader: ['/', '/users/1', '/account', '/create'],
  editor: ['/', '/users/1'],
  administrator: ['/', '/people', '/account', '/link'],
};

describeInBrowser(
  'the pages of accounts',
  (fixture) => {
    before(async () => {
      await fixture.accounts.addPerson(names.reader, 'reader');
      await fixture.accounts.addPerson(names.editor, 'editor');
      await fixture.accounts.addPerson('Dora Disabled', 'editor');
      await fixture.accounts.change('Dora Disabled', { isDisabled: true });
      await fixture.create('Zoë', 'zoe@example.com');
    });

    for (const [colorScheme, width, prefix] of [
      ['light', 1280, ''],
      ['dark', 1280, '/pt-br'],
      ['dark', 360, ''],
      ['light', 320, '/pt-br'],
      ['light', 768, '/pt-br'],
    ] as const) {
      /** Takes a picture of the page, and checks it. */
      const check = async (page: Page, name: string) => {
        await hydrated(page);
        await page.screenshot({ path: join(folder, `${name}-${colorScheme}-${width}.png`), fullPage: true });
        const overflowPx = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        assert.ok(overflowPx <= 0, `${name} is ${overflowPx} px too wide`);
        assert.deepEqual(await violations(page), [], name);
      };
      const where = `${colorScheme}, ${width} px wide${prefix && ', in Portuguese'}`;

      test(`signing in and links, ${where}`, async () => {
        const context = await fixture.context({ colorScheme, viewport: { width, height: 800 } });
        const page = await context.newPage();
        await page.goto(`${prefix}/sign-in`);
        await check(page, 'sign-in');
        await signInOn(page, 'Nobody', 'wrong');
        await page.getByRole('alert').waitFor();
        await check(page, 'sign-in-wrong');
        await page.goto(`${prefix}/link`);
        await check(page, 'link');
        await page.locator('#link').fill('nonsense');
        await page.locator('main form button').click();
        await page.getByRole('alert').waitFor();
        await check(page, 'link-invalid');
      });

      for (const role of ['reader', 'editor', 'administrator'] as const) {
        test(`the pages of the role ${role}, ${where}`, async () => {
          const context = await fixture.context({ colorScheme, viewport: { width, height: 800 } });
          await signIn(context, names[role]);
          const page = await context.newPage();
          for (const path of paths[role]) {
            await page.goto(prefix + path);
            await check(page, `${role}${path.replaceAll('/', '-')}`);
          }
        });
      }

      test(`a link that is shown once, and its password, ${where}`, async () => {
        const context = await fixture.context({ colorScheme, viewport: { width, height: 800 } });
        await signIn(context, administrator);
        const page = await context.newPage();
        await page.goto(`${prefix}/people`);
        await page.locator('#name').fill(`Guest ${where}`);
        await page.locator('button[value="invite"]').click();
        const link = await page.locator('code').textContent();
        await check(page, 'people-link');
        await page.goto(link ?? '');
        await page.locator('input[name="new"]').waitFor();
        await check(page, 'link-password');
      });
    }
  },
  { auth: true },
);
