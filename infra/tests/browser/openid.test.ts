/** People sign in on the site at a real provider of OpenID Connect. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { describeInBrowser } from '../support/browser.ts';
import { client, startProvider } from '../support/openid-provider.ts';
import { freePort } from '../support/ports.ts';

const port = await freePort();
const origin = `http://127.0.0.1:${port}`;
const provider = await startProvider({ after }, { redirectUri: `${origin}/sign-in/openid/return` });
const settings = { PUBLIC_URL: origin, OIDC_ISSUER: provider.issuer };
const name = `Sign in with ${new URL(provider.issuer).host}`;

describeInBrowser(
  'signing in by OpenID Connect',
  (fixture) => {
    before(async () => {
      await fixture.create('Zoë', 'zoe@example.com');
      provider.accounts.set('ada', { name: 'Ada Lovelace', role: ['editor'] });
      provider.accounts.set('eve', { name: 'Eve', role: 'owner' });
      provider.accounts.set('dora', { name: 'Dora', role: 'reader' });
    });

    const visit = async (path: string, javaScriptEnabled = true) => {
      const page = await (await fixture.context({ javaScriptEnabled })).newPage();
      await page.goto(path);
      return page;
    };

    /** Signs in on the provider's page, which takes any password. */
    async function signInThere(page: Page, login: string): Promise<void> {
      await page.locator('input[name="login"]').fill(login);
      await page.locator('input[name="password"]').fill('any');
      await page.locator('button[type="submit"]').click();
    }

    const signIn = async (page: Page, login: string) => {
      await page.getByRole('link', { name }).click();
      await signInThere(page, login);
    };

    for (const javaScriptEnabled of [true, false]) {
      test(`leads to the page that was asked for, ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, async () => {
        const page = await visit('/users/1?back=%2F%3Fq%3Dzo', javaScriptEnabled);
        await signIn(page, 'ada');
        await page.getByRole('link', { name: 'Your account: Ada Lovelace, Editor' }).waitFor();
        assert.equal(page.url(), `${origin}/users/1?back=%2F%3Fq%3Dzo`);
        const cookies = (await page.context().cookies()).map((cookie) => cookie.name);
        assert.equal(cookies.includes('cadastro-session'), true);
        assert.equal(cookies.includes('cadastro-openid'), false);
      });
    }

    test('keeps the language, and never leads to another site', async () => {
      const page = await visit(`/pt-br/sign-in?${new URLSearchParams({ next: '//evil.example/' })}`);
      await page.getByRole('link', { name: name.replace('Sign in with', 'Entrar com') }).click();
      await signInThere(page, 'ada');
      await page.getByRole('link', { name: 'Sua conta: Ada Lovelace, Editor' }).waitFor();
      assert.equal(page.url(), `${origin}/pt-br/`);
    });

    test('says that an account without a role, or a disabled one, may not use the directory', async () => {
      const refused = /may not use this directory/;
      const withoutRole = await visit('/sign-in');
      await signIn(withoutRole, 'eve');
      assert.match((await withoutRole.getByRole('alert').textContent()) ?? '', refused);

      const first = await visit('/sign-in');
      await signIn(first, 'dora');
      await first.getByRole('link', { name: 'Your account: Dora, Reader' }).waitFor();
      await fixture.accounts.change('Dora', { isDisabled: true });
      const second = await visit('/sign-in');
      await signIn(second, 'dora');
      assert.match((await second.getByRole('alert').textContent()) ?? '', refused);
      await second.goto('/');
      assert.match(second.url(), /\/sign-in$/);
    });

    test('takes the answer of the provider only in the browser that began the sign-in, and once', async () => {
      const attacker = await visit('/sign-in');
      const returned = attacker.waitForRequest((request) =>
        request.url().startsWith(`${origin}/sign-in/openid/return`),
      );
      await signIn(attacker, 'ada');
      const url = (await returned).url();
      await attacker.getByRole('link', { name: 'Your account: Ada Lovelace, Editor' }).waitFor();
      for (const beginsFirst of [false, true]) {
        const victim = await visit('/sign-in');
        // The victim has a ticket of its own in the second round.
        if (beginsFirst) await victim.getByRole('link', { name }).click();
        await victim.goto(url);
        assert.match((await victim.getByRole('alert').textContent()) ?? '', /has not worked/);
        const cookies = (await victim.context().cookies()).map((cookie) => cookie.name);
        assert.equal(cookies.includes('cadastro-session'), false);
      }
    });
  },
  {
    auth: true,
    router: { env: { ...settings, OIDC_CLIENT_ID: client.id, OIDC_CLIENT_SECRET: client.secret } },
    site: { ...settings, SITE_PORT: String(port) },
  },
);
