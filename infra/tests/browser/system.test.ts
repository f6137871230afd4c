/** The System page: the parts of the product and the router's figures of each function. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeInBrowser, textOf, until } from '../support/browser.ts';

describeInBrowser('the System page', (fixture) => {
  test('shows parts, functions and their figures, and refreshes them', async () => {
    await fixture.create('Counted', 'counted@example.com');
    const page = await fixture.open('/system');
    for (const part of ['site', 'router', 'embedded cache', 'SQLite']) {
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
      '99 % within',
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
});
