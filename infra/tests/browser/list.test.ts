/** The list in a browser with JavaScript: search, sorting, paging, the chart of loads, the keyboard. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { describeInBrowser, hydrated, textOf, until } from '../support/browser.ts';

const names = (page: Page) => page.locator('#results tbody .name').allTextContents();

describeInBrowser('the list', (fixture) => {
  before(async () => {
    for (let number = 1; number <= 260; number++) {
      const name = `${number % 2 ? 'Odd' : 'Even'} ${String(number).padStart(3, '0')}`;
      await fixture.create(name, `user${number}@${number % 2 ? 'odd' : 'even'}.example`);
    }
  });

  test('searches while the reader types, and keeps the search in the address', async () => {
    const page = await fixture.open('/');
    await page.getByRole('searchbox').pressSequentially('even 25');
    await until('five users are left', async () => (await names(page)).length === 5);
    assert.equal(new URL(page.url()).searchParams.get('q'), 'even 25');
    assert.match(await textOf(page.locator('.badge')), /5 users/);
    await page.reload();
    assert.equal((await names(page)).length, 5);
    assert.equal(await page.getByRole('searchbox').inputValue(), 'even 25');
  });

  for (const [language, prefix] of [
    ['English', ''],
    ['Portuguese', '/pt-br'],
  ]) {
    test(`the buttons of a selection leave the table in its place, in ${language}`, async () => {
      const page = await fixture.open(`${prefix}/?q=even`, { viewport: { width: 1280, height: 800 } });
      const tableY = async () => (await page.locator('.users').boundingBox())?.y;
      const yBefore = await tableY();
      await page.locator('[data-all]').check();
      await page.getByRole('button', { name: '130' }).waitFor();
      assert.equal(await tableY(), yBefore);
      const search = await page.getByRole('searchbox').boundingBox();
      assert.ok(search && search.width >= 200, `the search is ${search?.width} px wide`);
    });
  }

  test('says so when nobody matches', async () => {
    const page = await fixture.open('/?q=nobody-has-this');
    await page.getByText('No users found for “nobody-has-this”.').waitFor();
  });

  test('sorts by a column in both directions without loading the page again', async () => {
    const page = await fixture.open('/');
    await page.evaluate(() => Object.assign(window, { mark: true }));
    await page.getByRole('link', { name: 'E-mail' }).click();
    await until('sorted', async () => (await names(page))[0] === 'Even 100');
    assert.equal(await page.locator('th.email').getAttribute('aria-sort'), 'ascending');
    await page.getByRole('link', { name: 'E-mail' }).click();
    await until('sorted the other way', async () => (await names(page))[0] === 'Odd 009');
    assert.equal(await page.locator('th.email').getAttribute('aria-sort'), 'descending');
    assert.equal(new URL(page.url()).searchParams.get('sort'), '-email');
    assert.equal(await page.evaluate(() => Reflect.get(window, 'mark')), true);
  });

  test('pages forward and back, also by the browser’s own buttons', async () => {
    const page = await fixture.open('/');
    assert.equal((await names(page)).length, 100);
    await page.getByRole('link', { name: 'Next' }).click();
    await page.getByText('Page 2: 101 to 200 of 260').waitFor();
    await page.getByRole('link', { name: 'Next' }).click();
    await page.getByText('Page 3: 201 to 260 of 260').waitFor();
    assert.equal(await page.getByRole('link', { name: 'Next' }).count(), 0);
    await page.getByRole('link', { name: 'Previous' }).click();
    await page.getByText('Page 2: 101 to 200 of 260').waitFor();
    await page.goBack();
    await page.getByText('Page 3: 201 to 260 of 260').waitFor();
    await page.reload();
    await page.getByText('Page 3: 201 to 260 of 260').waitFor();
    await page.getByRole('link', { name: 'First page' }).click();
    await page.getByText('Page 1: 1 to 100 of 260').waitFor();
  });

  test('applies a page size', async () => {
    const page = await fixture.open('/');
    await page.getByLabel('Users per page').selectOption('25');
    await page.getByText('Page 1: 1 to 25 of 260').waitFor();
    assert.equal(new URL(page.url()).searchParams.get('limit'), '25');
  });

  test('opens a user on a click anywhere in its row', async () => {
    const page = await fixture.open('/?q=odd 007');
    await page.locator('tbody td.createdAt').click();
    await page.getByRole('heading', { name: 'Edit Odd 007' }).waitFor();
  });

  test('draws hits, misses and bypasses in different patterns', async () => {
    const page = await fixture.open('/?q=odd 1');
    for (const state of ['hit', 'miss', 'bypass']) {
      await page.evaluate((state) => {
        const load = {
          state,
          place: state === 'hit' ? 'redis' : 'sqlite',
          milliseconds: 3,
          total: 9,
          totalExact: true,
        };
        document.dispatchEvent(new CustomEvent('cadastro:shown', { detail: { load, transient: false } }));
      }, state);
    }
    const chart = page.locator('.loads');
    for (const state of ['hit', 'miss', 'bypass']) assert.ok(await chart.locator(`.bar.${state}`).count(), state);
    await page.locator('.badge path.bypass').waitFor();
    const fills = await chart.locator('.bar').evaluateAll((bars) => bars.map((bar) => getComputedStyle(bar).fill));
    assert.equal(new Set(fills).size, 3, 'solid, striped and open');
    assert.match(await textOf(page.locator('.badge')), /without the cache/);
    assert.match(await textOf(chart.locator('title')), /Hit, 3 ms, 9 users/);
  });

  test('keeps the chart of the latest loads from page to page', async () => {
    const page = await fixture.open('/');
    await page.goto('/?sort=name');
    await hydrated(page);
    await page.goto('/?sort=email');
    await hydrated(page);
    assert.ok((await page.locator('.loads .bar').count()) >= 3);
  });

  test('works with the keyboard alone', async () => {
    const page = await fixture.open('/');
    await page.keyboard.press('/');
    await page.keyboard.type('odd 013');
    await until('one user is left', async () => (await names(page)).length === 1);
    for (let presses = 0; presses < 30; presses++) {
      await page.keyboard.press('Tab');
      if (
        await page.evaluate(
          () => document.activeElement?.closest('td.name') !== null && document.activeElement?.localName === 'a',
        )
      )
        break;
    }
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Edit Odd 013' }).waitFor();
  });
});
