/** Deleting: asked once, undone for a few seconds, many at a time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeInBrowser, until } from '../support/browser.ts';

describeInBrowser('deleting', (stage) => {
  const exists = async (id: number) => (await stage.request('GET', `/users/${id}`)).status === 200;

  test('several selected users go together', async () => {
    const users = await Promise.all(
      ['a', 'b', 'c'].map((name) => stage.create(`Sel ${name}`, `sel-${name}@example.com`)),
    );
    const page = await stage.open('/?q=sel');
    await page.getByLabel('Select Sel a').check();
    await page.getByLabel('Select Sel b').check();
    await page.getByRole('button', { name: 'Delete selected 2' }).click();
    await page.getByRole('dialog').getByText('Delete 2 users?').waitFor();
    await page.getByRole('button', { name: 'Yes, delete' }).click();
    await page.getByText('2 users are being deleted').waitFor();
    await page.getByText('2 users were deleted.').waitFor({ timeout: 25_000 });
    await until('the list shows who is left', async () => (await page.locator('tbody tr').count()) === 1);
    const [a, b, c] = users.map(({ id }) => id);
    assert.deepEqual([await exists(Number(a)), await exists(Number(b)), await exists(Number(c))], [false, false, true]);
  });

  test('can be undone without a trace', async () => {
    const { id, version } = await stage.create('Undo Me', 'undo@example.com');
    const page = await stage.open('/?q=undo');
    await page.getByLabel('Select Undo Me').check();
    await page.getByRole('button', { name: 'Delete selected' }).click();
    await page.getByRole('button', { name: 'Yes, delete' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Nothing was deleted.').waitFor();
    await page.waitForTimeout(6_500);
    const user = await (await stage.request('GET', `/users/${id}`)).json();
    assert.equal(user.version, version);
  });

  test('does nothing when one answers no, or presses Escape', async () => {
    const { id } = await stage.create('Keep Me', 'keep@example.com');
    const page = await stage.open(`/users/${id}`);
    await page.getByRole('link', { name: 'Delete user' }).click();
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.getByRole('link', { name: 'Delete user' }).click();
    await page.getByRole('button', { name: 'Keep' }).click();
    assert.ok(await exists(id));
    assert.equal(await page.locator('.toast').count(), 0);
  });

  test('is done at once when the page is left', async () => {
    const { id } = await stage.create('Leave Me', 'leave@example.com');
    const page = await stage.open('/?q=leave');
    await page.getByLabel('Select Leave Me').check();
    await page.getByRole('button', { name: 'Delete selected' }).click();
    await page.getByRole('button', { name: 'Yes, delete' }).click();
    await page.getByText('Leave Me is being deleted').waitFor();
    await page.goto('/system');
    await until('the user is gone', async () => !(await exists(id)));
  });

  test('spares a user that somebody changed meanwhile', async () => {
    const { id } = await stage.create('Changed', 'changed@example.com');
    const page = await stage.open('/?q=changed');
    await page.getByLabel('Select Changed').check();
    await page.getByRole('button', { name: 'Delete selected' }).click();
    await page.getByRole('button', { name: 'Yes, delete' }).click();
    await page.getByText('Changed is being deleted').waitFor();
    await stage.request('PATCH', `/users/${id}`, { name: 'Changed Meanwhile' });
    await page.getByText('was not deleted: somebody changed it meanwhile').waitFor({ timeout: 25_000 });
    assert.ok(await exists(id));
  });
});
