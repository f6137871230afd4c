/** The form that creates and edits a user: field errors, conflicts with other readers, double clicks. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeInBrowser, hydrated, textOf, until } from '../support/browser.ts';

describeInBrowser('the form', (fixture) => {
  test('shows each field error beside its field and focuses the first of these fields', async () => {
    const page = await fixture.open('/create');
    await page.getByLabel('E-mail').fill('no address');
    await page.getByRole('button', { name: 'Create user' }).click();
    await page.getByText('Please mend the marked fields.').waitFor();
    assert.equal(await textOf(page.locator('#name-note')), 'This field is needed.');
    assert.equal(await textOf(page.locator('#email-note')), 'This is not an e-mail address.');
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'name');
    assert.equal(await page.getByLabel('E-mail').inputValue(), 'no address');
    await page.getByLabel('Name').fill('Somebody');
    assert.equal(await page.getByLabel('Name').getAttribute('aria-invalid'), null);
  });

  test('shows a field error that only the API finds', async () => {
    const page = await fixture.open('/create');
    await page.getByLabel('Name').fill('Dots');
    await page.getByLabel('E-mail').fill('a..b@example.com');
    await page.getByRole('button', { name: 'Create user' }).click();
    await page.getByText('This is not an e-mail address.').waitFor();
  });

  test('names the user who has a taken e-mail, with a link', async () => {
    const owner = await fixture.create('Owner', 'owner@example.com');
    const page = await fixture.open('/create');
    await page.getByLabel('Name').fill('Late');
    await page.getByLabel('E-mail').fill('OWNER@example.com');
    await page.getByRole('button', { name: 'Create user' }).click();
    await page.getByText(`User ${owner.id} has this e-mail: Owner.`).waitFor();
    assert.equal(await textOf(page.locator('#email-note')), 'Another user has this e-mail.');
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'email');
    await page.getByRole('link', { name: 'Open that user' }).click();
    await page.getByRole('heading', { name: `Edit user ${owner.id}` }).waitFor();
  });

  test('creates one user for a double click', async () => {
    const page = await fixture.open('/create');
    await page.getByLabel('Name').fill('Twice');
    await page.getByLabel('E-mail').fill('twice@example.com');
    await page.getByRole('button', { name: 'Create user' }).dblclick();
    await page.getByText(/User \d+ was created\./).waitFor();
    await page.goBack();
    const list = await (await fixture.request('GET', '/users?q=twice')).json();
    assert.equal(list.total, 1);
  });

  test('keeps text that is typed while the form saves', async () => {
    const user = await fixture.create('Typist', 'typist@example.com');
    const page = await fixture.open(`/users/${user.id}`);
    await page.route('**/api/users/*', async (route) => {
      if (route.request().method() === 'PUT') await page.getByLabel('Name').fill('Typist, Faster Still');
      await route.continue();
    });
    await page.getByLabel('Name').fill('Typist, Faster');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await until('the first text is saved', async () => {
      const saved = await (await fixture.request('GET', `/users/${user.id}`)).json();
      return saved.name === 'Typist, Faster';
    });
    await page.getByText('Changes not saved yet.').waitFor();
    assert.equal(await page.getByLabel('Name').inputValue(), 'Typist, Faster Still');
  });

  for (const choice of ['Save mine over it', 'Take the current values'] as const) {
    test(`explains a stale version and offers: ${choice}`, async () => {
      const tag = choice.length;
      const user = await fixture.create('Before', `stale${tag}@example.com`);
      const page = await fixture.open(`/users/${user.id}`);
      // Without the event stream the page learns of the other change only when it saves.
      await page.route('**/events', (route) => route.abort());
      await page.reload();
      await hydrated(page);
      await page.getByLabel('Name').fill('Mine');
      await fixture.request('PATCH', `/users/${user.id}`, { name: 'Theirs' });
      await page.getByRole('button', { name: 'Save changes' }).click();
      await page.getByText('Somebody else changed this user while you were editing.').waitFor();
      const row = page.getByRole('row', { name: /^Name/ });
      assert.match(await textOf(row), /Mine.*Theirs/);
      await page.getByText(choice).click();
      await page.locator('.conflict').waitFor({ state: 'detached' });
      const expected = choice === 'Save mine over it' ? 'Mine' : 'Theirs';
      assert.equal(await page.getByLabel('Name').inputValue(), expected);
      const saved = await (await fixture.request('GET', `/users/${user.id}`)).json();
      assert.equal(saved.name, expected);
    });
  }

  test('offers to create a user again whom somebody deleted', async () => {
    const user = await fixture.create('Gone', 'gone@example.com');
    const page = await fixture.open(`/users/${user.id}`);
    await page.getByLabel('Name').fill('Gone But Typed');
    await fixture.request('DELETE', `/users/${user.id}`);
    await page.getByText('This user was deleted by somebody else.').waitFor();
    assert.equal(await page.getByLabel('Name').inputValue(), 'Gone But Typed');
    await page.getByRole('button', { name: 'Create it as a new user' }).click();
    await page.getByText(/User \d+ was created\./).waitFor();
    const list = await (await fixture.request('GET', '/users?q=gone')).json();
    assert.equal(list.users[0].name, 'Gone But Typed');
    await page.getByRole('heading', { name: `Edit user ${list.users[0].id}` }).waitFor();
  });
});
