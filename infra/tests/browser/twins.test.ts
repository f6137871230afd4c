/** The page of users that share an e-mail since an upgrade. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import BetterSqlite3 from 'better-sqlite3';
import { describeInBrowser, until } from '../support/browser.ts';

const folder = mkdtempSync(join(tmpdir(), 'cadastro-twins-'));
const file = join(folder, 'app.db');

describeInBrowser(
  'twins',
  (fixture) => {
    after(() => rmSync(folder, { recursive: true }));
    before(async () => {
      for (const name of ['Ann', 'Anne', 'Bob']) await fixture.create(name, `${name}@example.com`);
      // An upgrade alone makes twins: it compares e-mails in another way than the program before it.
      const database = new BetterSqlite3(file);
      database.exec("UPDATE users SET email_key = 'ann@example.com' WHERE name = 'Anne'");
      database.close();
    });

    test('the list leads to the twins, and a person decides until there are none', async () => {
      const page = await fixture.open('/', { javaScriptEnabled: false });
      const link = page.getByRole('link', { name: 'Some users have the same e-mail' });
      await until('a link to the twins', async () => {
        await page.reload();
        return (await link.count()) === 1;
      });
      await link.click();
      await page.getByRole('heading', { name: 'Users with the same e-mail' }).waitFor();
      assert.deepEqual(await page.locator('.people .name').allTextContents(), ['Ann', 'Anne']);
      await page.getByRole('link', { name: /Anne@example\.com/ }).click();
      await page.getByLabel('E-mail').fill('anne@example.org');
      await page.getByRole('button', { name: 'Save changes' }).click();
      await page.goto('/twins');
      await page.getByText('No two users have the same e-mail.').waitFor();
    });
  },
  { router: { env: { DATABASE_URL: `sqlite:${file}` } } },
);
