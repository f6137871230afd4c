/** Requests of the list that get lost: the list never shows users that do not belong to the address, and recovers. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { describeInBrowser, hydrated, stopTimers } from '../support/browser.ts';

const lost = 'The server cannot be reached.';

/** Makes the requests for one address of the list fail. @returns a function that lets them pass again */
async function lose(page: Page, query: RegExp): Promise<() => Promise<void>> {
  const matches = (url: URL) => query.test(url.search) && url.pathname === '/';
  await page.route(matches, (route) => route.abort());
  return () => page.unroute(matches);
}

describeInBrowser('a lost request of the list', (fixture) => {
  before(async () => {
    for (let number = 1; number <= 30; number++) await fixture.create(`Lost ${number}`, `lost${number}@example.com`);
    await fixture.create('Ana Souza', 'ana@example.com');
  });
  const rows = (page: Page) => page.locator('#results tbody tr');

  test('a search that gets lost shows no list, says so, and is tried again', async () => {
    const page = await fixture.open('/');
    const restore = await lose(page, /q=souza/);
    await page.getByRole('searchbox').fill('souza');
    await page.getByText(lost).waitFor();
    assert.equal(await rows(page).count(), 0);
    assert.equal(await page.getByText('Live', { exact: true }).count(), 0);
    await restore();
    await page.getByRole('link', { name: 'Ana Souza' }).waitFor();
    assert.equal(await rows(page).count(), 1);
    assert.equal(await page.getByText(lost).count(), 0);
    await page.getByText('Live', { exact: true }).waitFor();
  });

  test('a page and an order that get lost show no list, and the reader can try again at once', async () => {
    const page = await fixture.open('/?limit=25');
    for (const [link, query, first] of [
      ['Next', /cursor=/, 'Lost 26'],
      ['Name', /sort=name/, 'Ana Souza'],
    ] as const) {
      // The page's own attempts would come first on a slow machine.
      const expireTimers = await stopTimers(page, 900);
      const restore = await lose(page, query);
      await page.getByRole('link', { name: link }).click();
      await page.getByText(lost).waitFor();
      assert.equal(await rows(page).count(), 0);
      assert.match(new URL(page.url()).search, query);
      await restore();
      const length = await page.evaluate(() => history.length);
      await page.getByRole('link', { name: 'Try again' }).click();
      await rows(page).first().getByRole('link', { name: first }).waitFor();
      assert.equal(await page.evaluate(() => history.length), length);
      await expireTimers();
      await page.reload();
      await hydrated(page);
    }
  });

  test('a live update that gets lost keeps the list, says so, and is tried again', async () => {
    const page = await fixture.open('/?q=lost&limit=50');
    const restore = await lose(page, /q=lost/);
    await fixture.create('Lost Newcomer', 'newcomer@example.com');
    await page.getByText(lost).waitFor();
    assert.equal(await rows(page).count(), 30);
    await restore();
    await page.getByRole('link', { name: 'Lost Newcomer' }).waitFor();
    assert.equal(await page.getByText(lost).count(), 0);
  });

  test('an answer that is not a page, such as one of a busy site, does not replace the page', async () => {
    const page = await fixture.open('/');
    const matches = (url: URL) => url.search === '?q=busy';
    await page.route(matches, (route) => route.fulfill({ status: 429, body: 'The site is busy.' }));
    await page.getByRole('searchbox').fill('busy');
    await page.getByText(lost).waitFor();
    await page.unroute(matches);
    await page.getByText(/“busy”/).waitFor();
  });

  test('a search that is typed just before a click on a link of the list counts', async () => {
    const page = await fixture.open('/');
    await page.evaluate(() => {
      const box = document.querySelector<HTMLInputElement>('input[type=search]');
      if (box) box.value = 'souza';
      box?.dispatchEvent(new Event('input', { bubbles: true }));
      document.querySelector<HTMLElement>('th.name a')?.click();
    });
    await page.waitForURL(/q=souza/);
    await rows(page).getByRole('link', { name: 'Ana Souza' }).waitFor();
    const parameters = new URL(page.url()).searchParams;
    assert.deepEqual([parameters.get('sort'), parameters.get('q')], ['name', 'souza']);
  });
});
