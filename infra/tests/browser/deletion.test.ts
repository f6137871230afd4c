/** Deletion of one or many users: the reader confirms it once, and the bin gives the users back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page, Route } from 'playwright-core';
import { describeInBrowser, hydrated, textOf, until } from '../support/browser.ts';

/** Without its animation, the message about a deletion stays until the reader closes it. */
const still = { reducedMotion: 'reduce' } as const;

/** Selects users in the list and deletes them. */
async function deleteSelected(page: Page, ...names: string[]): Promise<void> {
  for (const name of names) await page.getByLabel(`Select ${name}`).check();
  await page.getByRole('button', { name: 'Delete selected' }).click();
  await page.getByRole('button', { name: 'Yes, delete' }).click();
  await page.getByText(/(was|were) deleted\./).waitFor();
}

describeInBrowser('deletion', (fixture) => {
  const exists = async (id: number) => (await fixture.request('GET', `/users/${id}`)).status === 200;
  const create = (...names: string[]) =>
    Promise.all(names.map((name) => fixture.create(name, `${name.toLowerCase().replace(' ', '-')}@example.com`)));

  test('several selected users are deleted together, and restored together', async () => {
    const users = await create('Sel a', 'Sel b', 'Sel c');
    const ids = users.map(({ id }) => id);
    const all = () => Promise.all(ids.map(exists));
    const page = await fixture.open('/?q=sel', still);
    await page.getByLabel('Select Sel a').check();
    await page.getByLabel('Select Sel b').check();
    await page.getByRole('button', { name: 'Delete selected 2' }).click();
    await page.getByRole('dialog').getByText('Delete 2 users?').waitFor();
    await page.getByRole('button', { name: 'Yes, delete' }).click();
    await page.getByText('2 users were deleted.').waitFor();
    await until('the list shows one user', async () => (await page.locator('tbody tr').count()) === 1);
    assert.deepEqual(await all(), [false, false, true]);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('2 users were restored.').waitFor();
    await until('the list shows all users', async () => (await page.locator('tbody tr').count()) === 3);
    assert.deepEqual(await all(), [true, true, true]);
  });

  test('the undo survives a reload and other pages, and brings the user back under its number', async () => {
    const [user] = await create('Undo Me');
    assert.ok(user);
    const page = await fixture.open('/?q=undo', still);
    await deleteSelected(page, 'Undo Me');
    assert.equal(await exists(user.id), false);
    await page.reload();
    await page.getByText('Undo Me was deleted.').waitFor();
    await page.goto('/system');
    await page.goto('/');
    await hydrated(page);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('1 user was restored.').waitFor();
    assert.ok(await exists(user.id));
    await page.reload();
    await hydrated(page);
    assert.equal(await page.locator('.toast').count(), 0);
  });

  test('a deletion whose page is left while it works can be undone on the next page', async () => {
    const [user] = await create('Gone Early');
    assert.ok(user);
    const page = await fixture.open('/?q=gone+early', still);
    const [deleted, left] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const answerTooLate = async (route: Route) => {
      await route.fetch();
      deleted.resolve();
      await left.promise;
    };
    await page.route('**/api/users/batch-delete', answerTooLate, { times: 1 });
    await page.getByLabel('Select Gone Early').check();
    await page.getByRole('button', { name: 'Delete selected' }).click();
    await page.getByRole('button', { name: 'Yes, delete' }).click();
    await page.getByText('One moment').waitFor();
    await deleted.promise;
    const [other] = await create('Stays Here');
    await page.goto(`/users/${other?.id}`);
    left.resolve();
    await page.getByText('Gone Early was deleted.').waitFor();
    assert.equal(new URL(page.url()).pathname, `/users/${other?.id}`, 'the page of another user stays open');
    assert.equal(await exists(user.id), false);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('1 user was restored.').waitFor();
    assert.ok(await exists(user.id));
  });

  test('an undo whose page is left while it works is not offered again, and the next page says its result', async () => {
    const [user] = await create('Leave Me');
    assert.ok(user);
    const page = await fixture.open('/?q=leave', still);
    await deleteSelected(page, 'Leave Me');
    const [restored, left] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const answerTooLate = async (route: Route) => {
      await route.fetch();
      restored.resolve();
      await left.promise;
    };
    await page.route('**/api/users/bin/restore', answerTooLate, { times: 1 });
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('One moment').waitFor();
    await restored.promise;
    await page.goto('/?q=leave');
    left.resolve();
    await page.getByText('1 user was restored.').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Undo' }).count(), 0);
    assert.ok(await exists(user.id));
    await page.reload();
    await hydrated(page);
    assert.equal(await page.locator('.toast').count(), 0);
  });

  test('the message waits while the pointer or the focus is on it, and goes when its time is over', async () => {
    await create('Hover Me');
    const page = await fixture.open('/?q=hover');
    await deleteSelected(page, 'Hover Me');
    const countdown = () =>
      page.locator('.countdown').evaluate((bar) => bar.getAnimations().map(({ playState }) => playState));
    await page.locator('.toast').hover();
    assert.deepEqual(await countdown(), ['paused']);
    await page.mouse.move(0, 0);
    await until('the countdown runs', async () => (await countdown())[0] === 'running');
    await page.getByRole('button', { name: 'Undo' }).focus();
    assert.deepEqual(await countdown(), ['paused']);
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await page.locator('.countdown').evaluate((bar) => {
      for (const animation of bar.getAnimations()) animation.finish();
    });
    await page.locator('.toast').waitFor({ state: 'detached' });
  });

  test('nothing is deleted when the reader answers no or presses Escape', async () => {
    const [user] = await create('Keep Me');
    assert.ok(user);
    const page = await fixture.open(`/users/${user.id}`);
    await page.getByRole('link', { name: 'Delete user' }).click();
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.getByRole('link', { name: 'Delete user' }).click();
    await page.getByRole('button', { name: 'Keep' }).click();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    assert.ok(await exists(user.id));
    assert.equal(await page.locator('.toast').count(), 0);
  });

  test('a user whom somebody changed in the meantime is not deleted', async () => {
    const [user] = await create('Changed');
    assert.ok(user);
    const page = await fixture.open('/?q=changed', still);
    await page.getByLabel('Select Changed').check();
    await page.getByRole('button', { name: 'Delete selected' }).click();
    // The deletion names the version that the reader saw when the question came up.
    await fixture.request('PATCH', `/users/${user.id}`, { name: 'Changed Meanwhile' });
    await page.getByRole('button', { name: 'Yes, delete' }).click();
    await page.getByText('was not deleted because somebody else has just changed it').waitFor();
    assert.ok(await exists(user.id));
  });

  test('a deletion that gets lost says so', async () => {
    const [user] = await create('Lost');
    assert.ok(user);
    const page = await fixture.open('/?q=lost', still);
    await page.route('**/api/users/batch-delete', (route) => route.abort());
    await page.getByLabel('Select Lost').check();
    await page.getByRole('button', { name: 'Delete selected' }).click();
    await page.getByRole('button', { name: 'Yes, delete' }).click();
    await page.getByText('The server did not confirm that 1 user was deleted.').waitFor();
    assert.ok(await exists(user.id));
  });

  test('all users that a search finds are selected and deleted, beyond the page, and restored', async () => {
    await create(...Array.from({ length: 60 }, (_, index) => `Mass ${index}`), 'Other One');
    const total = async (q: string) => (await (await fixture.request('GET', `/users?q=${q}`)).json()).total;
    const page = await fixture.open('/?q=mass&limit=25', still);
    assert.equal(await page.getByRole('button', { name: 'Select all 60' }).count(), 0);
    await page.getByLabel('Select all users on this page').check();
    await page.getByRole('button', { name: 'Select all 60' }).click();
    await page.getByRole('button', { name: 'Delete selected 60' }).click();
    await page.getByRole('dialog').getByText('Delete all 60 users found for “mass”?').waitFor();
    await page.getByRole('button', { name: 'Yes, delete' }).click();
    await page.getByText('60 users were deleted.').waitFor();
    assert.deepEqual([await total('mass'), await total('other')], [0, 1]);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('60 users were restored.').waitFor();
    assert.equal(await total('mass'), 60);
  });

  test('selected users of several searches are exported together', async () => {
    await create('Pick a', 'Pick b', 'Other pick');
    const page = await fixture.open('/?q=pick', still);
    await page.getByLabel('Select Pick b').check();
    await page.getByRole('searchbox').fill('other pick');
    await until('the other search', async () => (await page.locator('tbody tr').count()) === 1);
    await page.getByLabel('Select Other pick').check();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export selected 2' }).click(),
    ]);
    assert.match(download.suggestedFilename(), /^users-.*\.xlsx$/);
  });

  test('a cleared box ends the selection of all', async () => {
    await create('Clear a', 'Clear b', 'Clear c');
    const page = await fixture.open('/?q=clear&limit=2');
    await page.getByLabel('Select all users on this page').check();
    await page.getByRole('button', { name: 'Select all 3' }).click();
    await page.getByLabel('Select Clear a').uncheck();
    await page.getByRole('button', { name: 'Delete selected 1' }).waitFor();
  });

  for (const javaScriptEnabled of [true, false]) {
    test(`the bin lists deleted users and restores them, ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, async () => {
      const tag = javaScriptEnabled ? 'Script' : 'Plain';
      const users = await create(`Bin${tag} a`, `Bin${tag} b`, `Bin${tag} c`, `Bin${tag} d`);
      for (const { id } of users) await fixture.request('DELETE', `/users/${id}`);
      const [a, b, c, d] = users.map(({ id }) => id) as [number, number, number, number];
      const page = await fixture.open('/', { javaScriptEnabled });
      await page.getByRole('link', { name: 'Bin', exact: true }).click();
      await page.getByText('Deleted users stay here for 30 days').waitFor();
      await page.getByLabel('Search by name or e-mail').fill(`bin${tag}`);
      await page.getByRole('button', { name: 'Search' }).click();
      await page.waitForURL(/q=bin/);
      assert.equal(await textOf(page.locator('tbody .name').first()), `Bin${tag} d`);
      await page
        .getByRole('row', { name: `Bin${tag} a` })
        .getByRole('button', { name: 'Restore' })
        .click();
      await page.getByText('1 user was restored.').waitFor();
      assert.deepEqual([await exists(a), await exists(b)], [true, false]);
      assert.equal(new URL(page.url()).search, `?q=bin${tag}`, 'the search stays');

      await page.getByLabel(`Select Bin${tag} b`).check();
      await page.getByLabel(`Select Bin${tag} c`).check();
      await page.getByRole('button', { name: 'Restore selected' }).click();
      await page.getByText('2 users were restored.').waitFor();
      assert.deepEqual([await exists(b), await exists(c), await exists(d)], [true, true, false]);

      await fixture.create('Newer', `bin${tag}-d@example.com`.toLowerCase());
      await page
        .getByRole('row', { name: `Bin${tag} d` })
        .getByRole('button', { name: 'Restore' })
        .click();
      await page.getByText(`Bin${tag} d was not restored because another user has the e-mail`).waitFor();
      await page.getByRole('link', { name: 'Open that user' }).click();
      await page.getByRole('heading', { name: 'Edit Newer' }).waitFor();
    });
  }
});
