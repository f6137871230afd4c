/** The site without JavaScript: list, search, create, edit, delete, language and theme work by links and forms. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, test } from 'node:test';
import * as XLSX from '@e965/xlsx';
import { describeInBrowser, textOf, until } from '../support/browser.ts';

const options = { javaScriptEnabled: false };

/** @returns the names in an exported workbook */
async function namesIn(path: string): Promise<unknown[]> {
  const sheet = Object.values(XLSX.read(await readFile(path)).Sheets)[0] as XLSX.WorkSheet;
  return XLSX.utils.sheet_to_json<Record<string, unknown>>(sheet).map(({ Name }) => Name);
}

describeInBrowser('without JavaScript', (fixture) => {
  before(async () => {
    for (let number = 1; number <= 120; number++) {
      await fixture.create(`Plain ${String(number).padStart(3, '0')}`, `plain${number}@example.com`);
    }
  });

  test('lists, searches, sorts and pages', async () => {
    const page = await fixture.open('/', options);
    // Every click loads a page, and the old rows stay until it arrives.
    const rows = (count: number) =>
      until(`${count} rows`, async () => (await page.locator('#results tbody tr').count()) === count);
    await rows(100);
    assert.match(await textOf(page.locator('.badge')), /Loaded from .*120 users.*ms/);
    await page.getByRole('link', { name: 'Next' }).click();
    await rows(20);
    await page.getByRole('link', { name: 'Previous' }).click();
    await rows(100);
    await page.getByRole('searchbox').fill('plain 11');
    await page.getByRole('button', { name: 'Search' }).click();
    await rows(11);
    await page.getByRole('link', { name: 'Name' }).click();
    await page.waitForURL(/sort=name/);
    await page.getByRole('link', { name: 'Name' }).click();
    await page.waitForURL(/sort=-name/);
    assert.equal(await textOf(page.locator('#results tbody .name').first()), 'Plain 119');
    assert.equal(await page.getByRole('searchbox').inputValue(), 'plain 11');
  });

  test('creates a user, shows field errors and keeps the typed text', async () => {
    const page = await fixture.open('/create', options);
    await page.getByLabel('Name').fill('No Script');
    await page.getByLabel('E-mail').fill('nowhere');
    await page.getByRole('button', { name: 'Create user' }).click();
    await page.locator('#email-note', { hasText: 'This is not a valid e-mail address.' }).waitFor();
    assert.equal(await page.getByLabel('Name').inputValue(), 'No Script');
    await page.getByLabel('E-mail').fill('noscript@example.com');
    await page.getByRole('button', { name: 'Create user' }).click();
    await page.getByText(/User \d+ was created\./).waitFor();
    await page.getByRole('link', { name: 'No Script' }).waitFor();
    await page.reload();
    assert.equal(await page.getByText(/was created/).count(), 0, 'the message is shown once');
  });

  test('one page submitted twice makes one user', async () => {
    const page = await fixture.open('/create', options);
    const key = (await page.locator('input[name=key]').getAttribute('value')) ?? '';
    const body = new URLSearchParams({ name: 'Back Button', email: 'back@example.com', key });
    const submit = () => fixture.fetch('/create', { method: 'POST', body, redirect: 'manual' });
    const answers = await Promise.all([submit(), submit()]);
    assert.deepEqual(
      [...answers, await submit()].map(({ status }) => status),
      [303, 303, 303],
    );
    const list = await (await fixture.request('GET', '/users?q=back@example.com')).json();
    assert.equal(list.total, 1);
  });

  test('edits a user and resolves a conflict with another change', async () => {
    const { id } = await fixture.create('Slow', 'slow@example.com');
    const page = await fixture.open(`/users/${id}`, options);
    await fixture.request('PATCH', `/users/${id}`, { name: 'Fast' });
    await page.getByLabel('Name').fill('Slow But Sure');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('Somebody else changed the same field while you were editing.').waitFor();
    assert.match(await textOf(page.getByRole('row', { name: /^Name/ })), /Slow But Sure.*Fast/);
    await page.getByRole('button', { name: 'Overwrite with my version' }).click();
    await page.getByText(`User ${id} was saved.`).waitFor();
    assert.equal(await page.getByLabel('Name').inputValue(), 'Slow But Sure');
  });

  test('keeps the changes of two people who changed different fields', async () => {
    const { id } = await fixture.create('Merge', 'merge@example.com');
    const page = await fixture.open(`/users/${id}`, options);
    await fixture.request('PATCH', `/users/${id}`, { name: 'Merge Changed' });
    await page.getByLabel('E-mail').fill('merge-new@example.com');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('both changes were kept').waitFor();
    assert.equal(await page.getByLabel('Name').inputValue(), 'Merge Changed');
    assert.equal(await page.getByLabel('E-mail').inputValue(), 'merge-new@example.com');
  });

  test('saves and takes another user', async () => {
    const page = await fixture.open('/create', options);
    await page.getByLabel('Name').fill('Plain Another');
    await page.getByLabel('E-mail').fill('plain-another@example.com');
    await page.getByRole('button', { name: 'Save and add another' }).click();
    await page.getByText(/User \d+ was created\./).waitFor();
    await page.getByRole('heading', { name: 'Create a user' }).waitFor();
    assert.equal(await page.getByLabel('Name').inputValue(), '');
  });

  test('deletes a user after a confirmation, and offers to undo it', async () => {
    const { id } = await fixture.create('Short Lived', 'short@example.com');
    const page = await fixture.open('/edit', options);
    await page.getByLabel('User number').fill(String(id));
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByRole('link', { name: 'Delete user' }).click();
    await page.getByText('Delete Short Lived?').waitFor();
    await page.getByRole('button', { name: 'Yes, delete' }).click();
    await page.getByText('1 user was deleted.').waitFor();
    assert.equal((await fixture.request('GET', `/users/${id}`)).status, 404);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('1 user was restored.').waitFor();
    assert.equal((await fixture.request('GET', `/users/${id}`)).status, 200);
    const { url } = fixture.site;
    const body = new URLSearchParams({ id: String(id) });
    const again = await fixture.fetch('/bin', { method: 'POST', headers: { origin: url }, body });
    assert.equal(again.status, 404);
    assert.match(await again.text(), /1 user is not in the bin any more\./);
  });

  test('deletes several users', async () => {
    const page = await fixture.open('/?q=plain 00', options);
    await page.getByLabel('Select Plain 001').check();
    await page.getByLabel('Select Plain 002').check();
    await page.getByRole('button', { name: 'Delete selected' }).click();
    await page.getByText('Delete 2 users?').waitFor();
    await page.getByRole('button', { name: 'Yes, delete' }).click();
    await page.getByText('2 users were deleted.').waitFor();
  });

  test('exports the ticked users, and says when none is ticked', async () => {
    const page = await fixture.open('/?q=plain 05', options);
    await page.getByLabel('Select Plain 051').check();
    await page.getByLabel('Select Plain 053').check();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export selected' }).click(),
    ]);
    assert.deepEqual(await namesIn(await download.path()), ['Plain 051', 'Plain 053']);
    await page.goto('/');
    await page.getByRole('button', { name: 'Export selected' }).click();
    await page.getByText('No user is selected.').waitFor();
  });

  test('deletes all users that a search finds, beyond the page', async () => {
    const found = await (await fixture.request('GET', '/users?q=plain 10')).json();
    assert.ok(found.total > 5);
    const page = await fixture.open('/?q=plain 10&limit=5', options);
    await page.getByRole('link', { name: 'Delete all that were found' }).click();
    await page.getByText(`Delete all ${found.total} users found for “plain 10”?`).waitFor();
    await page.getByRole('button', { name: 'Yes, delete' }).click();
    await page.getByText(`${found.total} users were deleted.`).waitFor();
    const left = await (await fixture.request('GET', '/users?q=plain 10')).json();
    assert.equal(left.total, 0);
  });

  test('keeps the chosen theme and language', async () => {
    const page = await fixture.open('/create', options);
    await page.getByRole('button', { name: 'Dark' }).click();
    await page.locator('html[data-theme=dark]').waitFor();
    await page.getByRole('link', { name: 'Português' }).click();
    await page.getByRole('heading', { name: 'Criar um usuário' }).waitFor();
    assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark');
    await page.goto('/');
    await page.getByRole('heading', { name: 'Usuários' }).waitFor();
  });
});
