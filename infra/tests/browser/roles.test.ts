/** Each role can do on the site what the table in infra/docs/accounts.md says, and no more, with and without JavaScript. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Page } from 'playwright-core';
import type { Role } from '#lib/accounts/roles.ts';
import { describeInBrowser, hydrated, setHidden, until } from '../support/browser.ts';
import { administrator, signInOn } from '../support/browser-accounts.ts';
import { visitorOf } from '../support/site-visitor.ts';

const names: Record<Role, string> = { reader: 'Rea Der', editor: 'Edi Tor', administrator };

describeInBrowser(
  'roles on the site',
  (fixture) => {
    before(async () => {
      await fixture.accounts.addPerson(names.reader, 'reader');
      await fixture.accounts.addPerson(names.editor, 'editor');
      await fixture.create('Zoë', 'zoe@example.com');
    });

    /** Opens a page as somebody who has just signed in by password. */
    async function openAs(role: Role, path: string, javaScriptEnabled = true): Promise<Page> {
      const page = await (await fixture.context({ javaScriptEnabled })).newPage();
      await page.goto(path);
      await signInOn(page, names[role]);
      await page.locator('header .person').waitFor();
      if (javaScriptEnabled) await hydrated(page);
      return page;
    }
    const tabsOf = (page: Page) => page.locator('nav.tabs a').allTextContents();
    const countOf = (page: Page, name: string) =>
      page.getByRole('button', { name }).or(page.getByRole('link', { name })).count();
    /** The Cookie header of a browser profile. */
    async function cookieOf(page: Page): Promise<string> {
      const cookies = await page.context().cookies();
      return cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    }

    for (const javaScriptEnabled of [true, false]) {
      const how = javaScriptEnabled ? 'with JavaScript' : 'without JavaScript';

      test(`shows a reader no control that changes something, ${how}`, async () => {
        const page = await openAs('reader', '/', javaScriptEnabled);
        assert.deepEqual(await tabsOf(page), ['List']);
        for (const name of ['New user', 'Import a list', 'Delete selected', 'Bin'])
          assert.equal(await countOf(page, name), 0, name);
        for (const name of ['Export to Excel', 'Export selected']) assert.equal(await countOf(page, name), 1, name);
        await page.getByRole('link', { name: 'Zoë' }).click();
        await page.getByRole('heading', { name: 'Zoë' }).waitFor();
        await page.getByText('zoe@example.com').waitFor();
        assert.equal(await page.locator('main input, main form').count(), 0);
        assert.equal(await page.getByRole('region', { name: 'History' }).count(), 0);
      });

      test(`shows an editor the controls of editors, ${how}`, async () => {
        const page = await openAs('editor', '/', javaScriptEnabled);
        assert.deepEqual(await tabsOf(page), ['List', 'Create', 'Edit and delete']);
        for (const name of ['New user', 'Import a list', 'Delete selected', 'Bin'])
          assert.equal(await countOf(page, name), 1, name);
        await page.goto('/users/1');
        await page.getByRole('region', { name: 'History' }).waitFor();
      });

      test(`shows an administrator all, ${how}`, async () => {
        const page = await openAs('administrator', '/', javaScriptEnabled);
        assert.deepEqual(await tabsOf(page), ['List', 'Create', 'Edit and delete', 'People', 'System']);
      });
    }

    test('answers a forced request with a page that says which role it needs', async () => {
      const ask = visitorOf(fixture.site.url);
      const cookies = {
        reader: await cookieOf(await openAs('reader', '/')),
        editor: await cookieOf(await openAs('editor', '/')),
      };
      const { version } = await (await fixture.request('GET', '/users/1')).json();
      const forms: Record<string, Record<string, string>> = {
        '/users/1': { name: 'Forged', email: 'forged@example.com', version: String(version) },
        '/create': { name: 'Forged', email: 'forged@example.com' },
        '/delete': { user: JSON.stringify([1, version]) },
        '/bin': { only: '1' },
        '/import': { text: 'name,email' },
      };
      for (const [path, form] of Object.entries(forms)) {
        const { status, text } = await ask(path, { cookie: cookies.reader, form });
        assert.equal(status, 403, path);
        assert.match(text, /This needs the role “Editor”, and yours is “Reader”\./);
      }
      for (const path of ['/create', '/edit', '/delete?id=1', '/bin', '/import', '/pt-br/create', '/CREATE/']) {
        assert.ok([403, 404].includes((await ask(path, { cookie: cookies.reader })).status), path);
      }
      for (const cookie of Object.values(cookies)) {
        for (const path of ['/people', '/system', '/pt-br/people']) {
          assert.equal((await ask(path, { cookie })).status, 403, path);
        }
        const invited = await ask('/people', {
          cookie,
          form: { action: 'invite', name: 'Own', role: 'administrator' },
        });
        assert.equal(invited.status, 403);
      }
      assert.match((await ask('/pt-br/people', { cookie: cookies.editor })).text, /Isto exige o papel “Administrador”/);
      assert.equal((await (await fixture.request('GET', '/users/1')).json()).name, 'Zoë');
      assert.equal((await ask('/api/users/1', { cookie: cookies.reader })).status, 200);
      const proxied = await fetch(`${fixture.site.url}/api/users/1`, {
        method: 'PUT',
        headers: { cookie: cookies.reader, 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'Forged', email: 'zoe@example.com' }),
      });
      assert.equal(proxied.status, 403);
    });

    test('takes a right away while somebody is signed in', async () => {
      await fixture.accounts.addPerson('Lowered', 'editor');
      const page = await (await fixture.context()).newPage();
      await page.goto('/create');
      await signInOn(page, 'Lowered');
      await hydrated(page);
      await fixture.accounts.change('Lowered', { role: 'reader' });
      await page.getByLabel('Name', { exact: true }).fill('Too Late');
      await page.getByLabel('E-mail').fill('late@example.com');
      await page.getByRole('button', { name: 'Create user' }).click();
      await page.getByText('You may not do this: your role does not allow it.').waitFor();
      await page.reload();
      await page.getByRole('heading', { name: 'You may not do this' }).waitFor();
    });

    test('names the person in the history of what was done on the site', async () => {
      const page = await openAs('editor', '/users/1', false);
      await page.getByLabel('Name', { exact: true }).fill('Zoë Changed');
      await page.getByRole('button', { name: 'Save changes' }).click();
      const history = page.getByRole('region', { name: 'History' });
      await history.getByText('by Edi Tor').waitFor();
      await history.getByRole('button', { name: 'Restore what was before: Zoë, zoe@example.com' }).click();
      await page.getByText('The earlier state of user 1 is back.').waitFor();
    });

    test('shows an import to its owner alone', async () => {
      await fixture.accounts.addPerson('Second Editor', 'editor');
      const page = await openAs('editor', '/import', false);
      await page.locator('#text').fill('name,email\nImported,imported@example.com');
      await page.getByRole('button', { name: 'Check the list' }).click();
      await page.waitForURL(/\/import\/[\w-]{22}$/);
      const address = new URL(page.url()).pathname;
      const other = await (await fixture.context({ javaScriptEnabled: false })).newPage();
      await other.goto('/');
      await signInOn(other, 'Second Editor');
      await other.locator('header .person').waitFor();
      const cookies = [await cookieOf(other), await cookieOf(await openAs('administrator', '/'))];
      for (const cookie of cookies) {
        for (const end of ['', '/columns', '/progress', '/rejected']) {
          const { status } = await visitorOf(fixture.site.url)(address + end, { cookie });
          assert.equal(status, 404, end);
        }
      }
      const own = visitorOf(fixture.site.url);
      assert.equal((await own(address, { cookie: await cookieOf(page) })).status, 200);
    });

    test('ends the live updates of a session that has ended, and leads to the sign-in page', async () => {
      const page = await openAs('reader', '/');
      await page.locator('.live[data-on="true"]').waitFor();
      await fixture.create('Live', 'live@example.com');
      await page.getByRole('link', { name: 'Live' }).waitFor();
      await setHidden(page, true);
      await fixture.accounts.change(names.reader, { isDisabled: true });
      await setHidden(page, false);
      await page.getByText('Your session has ended. Sign in again to go on.').waitFor();
      await fixture.accounts.change(names.reader, { isDisabled: false });
      await signInOn(page, names.reader);
      await page.locator('.live[data-on="true"]').waitFor();
      await fixture.accounts.change(names.reader, { isDisabled: true });
      await page.getByText('Your session has ended. Sign in again to go on.').waitFor();
      await fixture.accounts.change(names.reader, { isDisabled: false });
      await signInOn(page, names.reader);
      await until('the list', async () => (await page.getByRole('link', { name: 'Live' }).count()) === 1);
    });
  },
  { auth: true, router: { env: { AUTH_CACHE_MS: '0' } }, site: { AUTH_CACHE_MS: '0' } },
);
