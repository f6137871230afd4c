/** People sign in and out on the site, by password, with and without JavaScript. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { password } from '../support/auth.ts';
import { describeInBrowser, hydrated, until } from '../support/browser.ts';
import { signInOn } from '../support/browser-accounts.ts';
import { startSite } from '../support/site.ts';

describeInBrowser(
  'signing in and out',
  (fixture) => {
    before(async () => {
      await fixture.accounts.addPerson('Edi Tor', 'editor');
      await fixture.create('Zoë', 'zoe@example.com');
    });

    /** Opens a page in a new browser profile. */
    const visit = async (path: string, javaScriptEnabled = true) => {
      const page = await (await fixture.context({ javaScriptEnabled })).newPage();
      await page.goto(path);
      return page;
    };

    for (const javaScriptEnabled of [true, false]) {
      const how = javaScriptEnabled ? 'with JavaScript' : 'without JavaScript';
      test(`leads to the page that was asked for, and back out again, ${how}`, async () => {
        const page = await visit('/users/1?back=%2F%3Fq%3Dzo', javaScriptEnabled);
        assert.equal(await page.title(), 'Sign in · cadastro');
        assert.equal(await page.getByText('zoe@example.com').count(), 0);
        await signInOn(page, 'edi tor');
        await page.getByRole('heading', { name: 'Edit Zoë' }).waitFor();
        assert.match(page.url(), /\/users\/1\?back=%2F%3Fq%3Dzo$/);
        await page.getByRole('link', { name: 'Your account: Edi Tor, Editor' }).waitFor();
        await page.getByRole('button', { name: 'Sign out' }).click();
        await page.getByText('You are signed out.').waitFor();
        await page.goto('/');
        assert.match(page.url(), /\/sign-in$/);
      });
    }

    test('keeps the token in a cookie that scripts cannot read', async () => {
      const page = await visit('/');
      await signInOn(page, 'Edi Tor');
      await hydrated(page);
      const [cookie] = (await page.context().cookies()).filter(({ name }) => name === 'cadastro-session');
      assert.deepEqual([cookie?.httpOnly, cookie?.sameSite, cookie?.path], [true, 'Lax', '/']);
      assert.equal(await page.evaluate(() => document.cookie.includes('session')), false);
      assert.equal((await page.content()).includes(cookie?.value ?? ''), false);
    });

    test('says in the language of the page what is wrong, and keeps the name', async () => {
      const page = await visit('/pt-br/sign-in');
      await signInOn(page, 'Edi Tor', 'wrong');
      assert.equal(await page.getByRole('alert').textContent(), 'O nome ou a senha não confere.');
      assert.equal(await page.getByLabel('Nome').inputValue(), 'Edi Tor');
      await signInOn(page, 'Edi Tor');
      await page.getByRole('link', { name: 'Sua conta: Edi Tor, Editor' }).waitFor();
      assert.match(page.url(), /\/pt-br\/$/);
    });

    test('opens links from outside in the language of the reader', async () => {
      const page = await (await fixture.context({ locale: 'pt-BR' })).newPage();
      await page.goto('/link#token');
      assert.match(page.url(), /\/pt-br\/link#token$/);
      await page.goto('/sign-in');
      assert.match(page.url(), /\/pt-br\/sign-in$/);
      await page.goto('/sign-in?next=%2Fusers%2F1');
      assert.match(page.url(), /\/sign-in\?next=%2Fusers%2F1$/);
    });

    test('leads a reader whose session has ended from the link of an export to the page on which he signs in', async () => {
      const page = await visit('/export.csv?lang=pt-br');
      assert.match(page.url(), /\/pt-br\/sign-in$/);
    });

    test('keeps the text of a form whose session has ended', async () => {
      for (const javaScriptEnabled of [true, false]) {
        const page = await visit('/users/1', javaScriptEnabled);
        await signInOn(page, 'Edi Tor');
        const name = `Zoë ${javaScriptEnabled ? 'One' : 'Two'}`;
        if (javaScriptEnabled) await hydrated(page);
        await page.getByLabel('Name', { exact: true }).fill(name);
        await page.context().clearCookies({ name: 'cadastro-session' });
        await page.getByRole('button', { name: 'Save changes' }).click();
        const signIn = page.getByRole('link', { name: 'Sign in in a new tab' });
        const [tab] = await Promise.all([page.waitForEvent('popup'), signIn.click()]);
        await signInOn(tab, 'Edi Tor');
        await tab.locator('header .person').waitFor();
        if (javaScriptEnabled) await page.getByRole('button', { name: 'Save changes' }).click();
        else await page.reload();
        await until('the new name', async () => {
          return (await (await fixture.request('GET', '/users/1')).json()).name === name;
        });
        // The form of the page would ask before it is left, as long as it had not saved.
        await page.close();
      }
    });

    test('changes the own password, and ends the other sessions', async () => {
      await fixture.accounts.addPerson('Changer', 'reader');
      const [page, other] = [await visit('/account', false), await visit('/')];
      await signInOn(page, 'Changer');
      await signInOn(other, 'Changer');
      await other.locator('header .person').waitFor();
      const fill = async (current: string, one: string, two: string) => {
        await page.getByLabel('Current password').fill(current);
        await page.getByLabel('New password', { exact: true }).fill(one);
        await page.getByLabel('New password, once more').fill(two);
        await page.getByRole('button', { name: 'Change password' }).click();
      };
      await fill(password, 'a new long password', 'another long password');
      await page.getByText('The two new passwords are not the same.').waitFor();
      await fill('wrong', 'a new long password', 'a new long password');
      await page.getByText('The current password is wrong.').waitFor();
      await fill(password, 'short', 'short');
      await page.getByText('The password needs 12 to 256 characters.').waitFor();
      await fill(password, 'a new long password', 'a new long password');
      await page.getByText('Your password is changed.').waitFor();
      await until('the end of the other session', async () => {
        await other.goto('/');
        return other.url().endsWith('/sign-in');
      });
      await other.getByText('Your session has ended.').waitFor();
      await signInOn(other, 'Changer', 'a new long password');
      await other.locator('header .person').waitFor();
    });

    test('signs out on the list, whose live updates end at that moment', async () => {
      const page = await visit('/');
      const isLive = page.waitForResponse('**/events');
      await signInOn(page, 'Edi Tor');
      await isLive;
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByText('You are signed out.').waitFor();
      const names = (await page.context().cookies()).map(({ name }) => name);
      assert.ok(!names.includes('cadastro-session'), names.join());
    });

    test('signs out everywhere', async () => {
      const [page, other] = [await visit('/account'), await visit('/')];
      await signInOn(page, 'Edi Tor');
      await signInOn(other, 'Edi Tor');
      await other.locator('header .person').waitFor();
      await page.getByRole('button', { name: 'Sign out everywhere' }).click();
      await page.getByText('You are signed out.').waitFor();
      await until('the end of the other session', async () => {
        await other.goto('/');
        return other.url().endsWith('/sign-in');
      });
    });

    test('says that the reader may still be signed in while the API hangs, and offers to sign out again', async () => {
      const { router, siteAccounts } = fixture;
      const site = await startSite({
        ...siteAccounts,
        API_URL: router.url,
        STATUS_URL: router.statusUrl,
        SITE_API_TIMEOUT_MS: '3000',
      });
      try {
        const page = await visit(`${site.url}/account`);
        await signInOn(page, 'Edi Tor');
        router.process.kill('SIGSTOP');
        await page.getByRole('button', { name: 'Sign out everywhere' }).click();
        await page.getByRole('heading', { name: 'You may still be signed in' }).waitFor();
        assert.equal(await page.getByText('This page keeps trying by itself.').count(), 0);
        router.process.kill('SIGCONT');
        await page.getByRole('button', { name: 'Try again' }).click();
        await page.getByText('You are signed out.').waitFor();
        const names = (await page.context().cookies()).map(({ name }) => name);
        assert.ok(!names.includes('cadastro-session'), names.join());
      } finally {
        router.process.kill('SIGCONT');
        await site.stop();
      }
    });

    test('does not show what the one before typed to the next one in the same tab', async () => {
      await fixture.accounts.addPerson('Next', 'editor');
      const page = await visit('/create');
      await signInOn(page, 'Edi Tor');
      await hydrated(page);
      await page.getByLabel('Name', { exact: true }).fill('Half a name');
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.goto('/create');
      await signInOn(page, 'Next');
      await hydrated(page);
      assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), '');
    });
  },
  { auth: true, router: { env: { AUTH_CACHE_MS: '0' } } },
);
