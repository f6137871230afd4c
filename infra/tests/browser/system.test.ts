/** The System page: the parts of the product and the router's figures of each function. */
import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { describeInBrowser, isOnPostgres, textOf, until } from '../support/browser.ts';
import { startRouter } from '../support/router.ts';
import { startSite } from '../support/site.ts';

describeInBrowser(
  'the System page',
  (fixture) => {
    test('shows parts, functions and their figures, and refreshes them', async () => {
      await fixture.create('Counted', 'counted@example.com');
      const page = await fixture.open('/system');
      for (const part of [
        'site',
        'router',
        ...(isOnPostgres ? ['Redis cache', 'PostgreSQL'] : ['built-in cache', 'SQLite']),
      ]) {
        await page.locator('.card', { has: page.getByRole('heading', { name: part, exact: true }) }).waitFor();
      }
      const card = page.locator('.function', { has: page.getByRole('heading', { name: 'get-user' }) });
      assert.match(await textOf(card), /active.*GET \/users\/\{id\}/s);
      for (const figure of [
        'Invocations',
        'Errors',
        'Throttled',
        'Timed out',
        'Cold starts',
        'Running now',
        'half within',
        '99% within',
      ]) {
        assert.ok((await textOf(card)).includes(figure), figure);
      }
      for (let round = 0; round < 7; round++) await fixture.request('GET', '/users/1');
      await until('the invocations are counted', async () => {
        const shown = await textOf(card.locator('.figures div', { hasText: 'Invocations' }).locator('dd'));
        return Number(shown) >= 7;
      });
      assert.equal(await page.getByRole('img', { name: /How a request travels/ }).count(), 1);
    });

    test('is read-only: the header alone has buttons', async () => {
      const page = await fixture.open('/system');
      assert.equal(await page.locator('main button, main form, main input').count(), 0);
    });

    test('shows all routers, and says when one of them does not answer', async (t) => {
      const second = await startRouter();
      t.after(() => second.stop());
      const { router } = fixture;
      const site = await startSite({
        ...fixture.siteAccounts,
        API_URL: router.url,
        STATUS_URL: `${router.statusUrl},${second.statusUrl}`,
      });
      t.after(() => site.stop());
      const shown = async () => (await fixture.fetch(`${site.url}/system`)).text();
      const both = await shown();
      for (const name of [/>router 1</i, />router 2</i]) assert.match(both, name);
      assert.ok(both.includes('those of 2 routers together, of each since its start.'));
      // Every visitor sees the page, and the host's name and the numbers of processes are for operators.
      for (const { process } of [router, second]) assert.doesNotMatch(both, new RegExp(`\\b${process.pid}\\b`));
      assert.ok(!both.includes(hostname()));
      await second.stop();
      assert.match(await shown(), /1 of 2 routers answer/);
    });
  },
  { router: { warm: true } },
);
