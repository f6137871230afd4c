/** Administrators manage people on the site, and people choose their passwords by links, with and without JavaScript. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { describeInBrowser, hydrated, textOf } from '../support/browser.ts';
import { administrator, signInOn } from '../support/browser-accounts.ts';
import { startSite } from '../support/site.ts';

const chosen = 'a long new password';

describeInBrowser(
  'the page of people',
  (fixture) => {
    /** Opens the page as the administrator. */
    async function openPeople(javaScriptEnabled: boolean, path = '/people'): Promise<Page> {
      const page = await (await fixture.context({ javaScriptEnabled })).newPage();
      await page.goto(path);
      await signInOn(page, administrator);
      await page.locator('header .person').waitFor();
      if (javaScriptEnabled) await hydrated(page);
      return page;
    }
    async function choosePassword(page: Page): Promise<void> {
      await page.getByLabel('New password', { exact: true }).fill(chosen);
      await page.getByLabel('New password, once more').fill(chosen);
      await page.getByRole('button', { name: 'Save the password and sign in' }).click();
      await page.locator('header .person').waitFor();
    }

    for (const javaScriptEnabled of [true, false]) {
      const how = javaScriptEnabled ? 'with JavaScript' : 'without JavaScript';

      test(`invites a person, who chooses a password by the link, once, ${how}`, async () => {
        const name = `Guest ${how}`;
        const page = await openPeople(javaScriptEnabled);
        await page.getByLabel('Name', { exact: true }).fill(name);
        await page.getByLabel('Role', { exact: true }).selectOption('editor');
        await page.getByRole('button', { name: 'Invite', exact: true }).click();
        await page.getByText(`The link for ${name}`).waitFor();
        const link = await textOf(page.locator('code'));
        assert.match(link, new RegExp(`^${fixture.site.url}/link#cadl_`));
        await page.goto('/people');
        assert.equal(await page.locator('code').count(), 0, 'the link is shown once');

        const requests: string[] = [];
        const guest = await (await fixture.context({ javaScriptEnabled })).newPage();
        guest.on('request', (request) => requests.push(request.url(), request.headers().referer ?? ''));
        await guest.goto(link);
        if (!javaScriptEnabled) {
          await guest.getByLabel('Your link').fill(link);
          await guest.getByRole('button', { name: 'Go on' }).click();
        }
        await guest.getByRole('heading', { name: `Welcome, ${name}` }).waitFor();
        assert.equal(guest.url().includes('cadl_'), false, 'the browser’s history does not keep the token');
        await choosePassword(guest);
        await guest.getByRole('link', { name: `Your account: ${name}, Editor` }).waitFor();
        // Chromium names the fragment in request.url() of a navigation, and does not send it.
        assert.deepEqual(
          requests.filter((url) => url.split('#')[0]?.includes('cadl_')),
          [],
        );

        const thief = await (await fixture.context({ javaScriptEnabled: false })).newPage();
        await thief.goto('/link');
        await thief.getByLabel('Your link').fill(link);
        await thief.getByRole('button', { name: 'Go on' }).click();
        await thief.getByText('This link was used already').waitFor();
      });

      test(`changes roles, makes new links, disables and enables, ${how}`, async () => {
        const name = `Person ${how}`;
        await fixture.accounts.addPerson(name, 'reader');
        const page = await openPeople(javaScriptEnabled);
        const row = page.getByRole('listitem').filter({ hasText: name });
        await row.getByLabel(`Role of ${name}`, { exact: true }).selectOption('editor');
        await row.getByRole('button', { name: `Set role of ${name}` }).click();
        await page.getByText('The change is saved.').waitFor();
        assert.equal(await row.getByLabel(`Role of ${name}`, { exact: true }).inputValue(), 'editor');
        await row.getByRole('button', { name: `Disable ${name}` }).click();
        await row.getByText('disabled').waitFor();
        await row.getByRole('button', { name: `Enable ${name}` }).click();
        await row.getByRole('button', { name: `New link for ${name}` }).click();
        const link = await textOf(page.locator('code'));
        const person = await (await fixture.context()).newPage();
        await person.goto(link);
        await person.getByRole('heading', { name: `A new password for ${name}` }).waitFor();
        await choosePassword(person);
      });
    }

    test('names what is wrong with an invitation, and keeps its text', async () => {
      const page = await openPeople(false, '/pt-br/people');
      const invite = async (name: string, email: string) => {
        await page.getByLabel('Nome', { exact: true }).fill(name);
        await page.getByLabel('E-mail').fill(email);
        await page.getByRole('button', { name: 'Convidar', exact: true }).click();
        return textOf(page.getByRole('alert'));
      };
      assert.equal(await invite(administrator, ''), 'Outra pessoa tem este nome.');
      assert.match(await invite('Someone', 'nowhere'), /Este e-mail não é válido/);
      assert.equal(await page.getByLabel('Nome', { exact: true }).inputValue(), 'Someone');
      await page.getByRole('button', { name: `Desativar ${administrator}` }).click();
      assert.match(await textOf(page.getByRole('alert')), /último administrador/);
    });

    test('keeps a new password that cannot be used away from the link', async () => {
      const page = await openPeople(false);
      await page.getByLabel('Name', { exact: true }).fill('Careless');
      await page.getByRole('button', { name: 'Invite', exact: true }).click();
      const link = await textOf(page.locator('code'));
      await page.goto(link);
      await page.getByLabel('Your link').fill(link);
      await page.getByRole('button', { name: 'Go on' }).click();
      for (const [one, two, text] of [
        ['short', 'short', 'The password needs 12 to 256 characters.'],
        [chosen, `${chosen}!`, 'The two new passwords are not the same.'],
      ] as const) {
        await page.getByLabel('New password', { exact: true }).fill(one);
        await page.getByLabel('New password, once more').fill(two);
        await page.getByRole('button', { name: 'Save the password and sign in' }).click();
        await page.getByText(text).waitFor();
      }
      await choosePassword(page);
      await page.getByRole('link', { name: 'Your account: Careless, Reader' }).waitFor();
    });

    test('keeps an invitation while the API does not answer', async () => {
      const site = await startSite({ AUTH: 'on', API_URL: 'http://127.0.0.1:1' });
      const response = await fetch(`${site.url}/people`, {
        method: 'POST',
        headers: { cookie: `cadastro-session=cads_${'0'.repeat(16)}_${'a'.repeat(43)}`, origin: site.url },
        body: new URLSearchParams({ action: 'invite', name: 'Typed', email: 'typed@example.com', role: 'editor' }),
      });
      assert.equal(response.status, 503);
      const html = await response.text();
      for (const text of ['value="Typed"', 'value="typed@example.com"', 'value="editor" selected']) {
        assert.ok(html.includes(text), text);
      }
      await site.stop();
    });

    test('keeps the link of a person while the API does not answer', async () => {
      const site = await startSite({ AUTH: 'on', API_URL: 'http://127.0.0.1:1' });
      const link = `${site.url}/link#cadl_${'0'.repeat(16)}_${'a'.repeat(43)}`;
      const page = await (await fixture.context()).newPage();
      await page.goto(link);
      await page.getByRole('alert').waitFor();
      assert.ok(link.endsWith(await page.getByLabel('Your link').inputValue()));
      assert.notEqual(await page.getByLabel('Your link').inputValue(), '');
      await site.stop();
    });
  },
  { auth: true, router: { env: { AUTH_CACHE_MS: '0' } } },
);
