/** The shortest walk through the site: a reader creates, finds, changes and deletes a user. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { describeInBrowser, hydrated, isOnPostgres, textOf } from '../support/browser.ts';

describeInBrowser('a reader', (fixture) => {
  test('creates, edits and deletes a user', async () => {
    const page = await fixture.open('/');
    await page.getByText('There are no users yet.').waitFor();

    await page.getByRole('link', { name: 'Create', exact: true }).click();
    await hydrated(page);
    await page.getByLabel('Name').fill('Ana Souza');
    await page.getByLabel('E-mail').fill('ana@example.com');
    await page.getByRole('button', { name: 'Create user' }).click();

    await page.getByText('User 1 was created.').waitFor();
    await hydrated(page);
    await page.getByRole('row', { name: 'Ana Souza' }).locator('.createdAt').click();

    await page.getByRole('heading', { name: 'Edit Ana Souza' }).waitFor();
    await hydrated(page);
    await page.getByLabel('Name').fill('Ana Maria Souza');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('Saved.').waitFor();
    assert.match(await textOf(page.locator('.details')), /Version\s*2/);
    const saved = await (await fixture.request('GET', '/users/1')).json();
    assert.equal(saved.name, 'Ana Maria Souza');

    await page.getByRole('link', { name: 'Delete user' }).click();
    await page.getByRole('dialog').getByText('Delete Ana Maria Souza?').waitFor();
    await page.getByRole('button', { name: 'Yes, delete' }).click();
    await page.getByRole('heading', { name: 'Users' }).waitFor();
    await page.getByText('Ana Maria Souza was deleted.').waitFor();
    assert.equal((await fixture.request('GET', '/users/1')).status, 404);
  });

  test('sees where the list came from, how many users there are and how long it took', async () => {
    await fixture.create('Bia', 'bia@example.com');
    const badge = (page: Page) => textOf(page.locator('.badge'));
    const first = await badge(await fixture.open('/?limit=50'));
    assert.match(first, /Loaded from (SQLite|PostgreSQL), now cached.*1 user · [\d.]+ ms/s);
    assert.ok(first.includes(isOnPostgres ? 'PostgreSQL' : 'SQLite'));
    const again = await badge(await fixture.open('/?limit=50'));
    assert.match(again, /Loaded from the (Redis )?cache.*1 user · [\d.]+ ms/s);
    assert.equal(again.includes('Redis'), isOnPostgres);
  });
});
