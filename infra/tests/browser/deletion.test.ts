/** Deletion of one or several users: the reader confirms it once and can undo it for a few seconds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { describeInBrowser, stopTimers, until } from '../support/browser.ts';

/** Selects users in the list and deletes them. @returns a function that ends the time in which it can be undone */
async function deleteSelected(page: Page, ...names: string[]): Promise<() => Promise<void>> {
  const expireTimers = await stopTimers(page);
  for (const name of names) await page.getByLabel(`Select ${name}`).check();
  await page.getByRole('button', { name: 'Delete selected' }).click();
  await page.getByRole('button', { name: 'Yes, delete' }).click();
  await page.getByText(/(is|are) being deleted/).waitFor();
  return expireTimers;
}

describeInBrowser('deletion', (fixture) => {
  const exists = async (id: number) => (await fixture.request('GET', `/users/${id}`)).status === 200;

  test('several selected users are deleted together', async () => {
    const users = await Promise.all(
      ['a', 'b', 'c'].map((name) => fixture.create(`Sel ${name}`, `sel-${name}@example.com`)),
    );
    const page = await fixture.open('/?q=sel');
    const expireTimers = await stopTimers(page);
    await page.getByLabel('Select Sel a').check();
    await page.getByLabel('Select Sel b').check();
    await page.getByRole('button', { name: 'Delete selected 2' }).click();
    await page.getByRole('dialog').getByText('Delete 2 users?').waitFor();
    await page.getByRole('button', { name: 'Yes, delete' }).click();
    await page.getByText('2 users are being deleted').waitFor();
    await expireTimers();
    await page.getByText('2 users were deleted.').waitFor();
    await until('the list shows one user', async () => (await page.locator('tbody tr').count()) === 1);
    const [a, b, c] = users.map(({ id }) => id);
    assert.deepEqual([await exists(Number(a)), await exists(Number(b)), await exists(Number(c))], [false, false, true]);
  });

  test('an undone deletion never reaches the API', async () => {
    const { id, version } = await fixture.create('Undo Me', 'undo@example.com');
    const page = await fixture.open('/?q=undo');
    const deletions: string[] = [];
    page.on('request', (request) => request.method() === 'DELETE' && deletions.push(request.url()));
    const expireTimers = await deleteSelected(page, 'Undo Me');
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Nothing was deleted.').waitFor();
    await expireTimers();
    await page.reload();
    assert.deepEqual(deletions, []);
    const user = await (await fixture.request('GET', `/users/${id}`)).json();
    assert.equal(user.version, version);
  });

  test('nothing is deleted when the reader answers no or presses Escape', async () => {
    const { id } = await fixture.create('Keep Me', 'keep@example.com');
    const page = await fixture.open(`/users/${id}`);
    await page.getByRole('link', { name: 'Delete user' }).click();
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.getByRole('link', { name: 'Delete user' }).click();
    await page.getByRole('button', { name: 'Keep' }).click();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    assert.ok(await exists(id));
    assert.equal(await page.locator('.toast').count(), 0);
  });

  test('leaving the page deletes at once', async () => {
    const { id } = await fixture.create('Leave Me', 'leave@example.com');
    const page = await fixture.open('/?q=leave');
    await deleteSelected(page, 'Leave Me');
    await page.goto('/system');
    await until('the user is gone', async () => !(await exists(id)));
  });

  test('a user whom somebody changed in the meantime is not deleted', async () => {
    const { id } = await fixture.create('Changed', 'changed@example.com');
    const page = await fixture.open('/?q=changed');
    const expireTimers = await deleteSelected(page, 'Changed');
    await fixture.request('PATCH', `/users/${id}`, { name: 'Changed Meanwhile' });
    await expireTimers();
    await page.getByText('was not deleted: somebody changed it meanwhile').waitFor();
    assert.ok(await exists(id));
  });
});
