/** The form that creates and edits a user: field errors, conflicts with other readers, double clicks. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeInBrowser, hydrated, textOf, until } from '../support/browser.ts';

describeInBrowser('the form', (fixture) => {
  test('shows each field error beside its field and focuses the first of these fields', async () => {
    const page = await fixture.open('/create');
    await page.getByLabel('E-mail').fill('no address');
    await page.getByRole('button', { name: 'Create user' }).click();
    await page.getByText('Please correct the marked fields.').waitFor();
    assert.equal(await textOf(page.locator('#name-note')), 'This field is required.');
    assert.equal(await textOf(page.locator('#email-note')), 'This is not a valid e-mail address.');
    await page.locator('#name:focus').waitFor();
    assert.equal(await page.getByLabel('E-mail').inputValue(), 'no address');
    await page.getByLabel('Name').fill('Somebody');
    assert.equal(await page.getByLabel('Name').getAttribute('aria-invalid'), null);
  });

  test('shows the faults of a change, which the API alone finds, in the words of the site', async () => {
    const user = await fixture.create('Dots', 'dots@example.com');
    const page = await fixture.open(`/pt-br/users/${user.id}`);
    await page.getByLabel('Nome').fill('\u2800');
    await page.getByLabel('E-mail').fill('dots@example..com');
    await page.getByRole('button', { name: 'Salvar' }).click();
    await page.getByText('A parte depois do @ não é um domínio válido.').waitFor();
    assert.equal(await textOf(page.locator('#name-note')), 'Campo obrigatório.');
  });

  test('names the user who has a taken e-mail, with a link', async () => {
    const owner = await fixture.create('Owner', 'owner@example.com');
    const page = await fixture.open('/create');
    await page.getByLabel('Name').fill('Late');
    await page.getByLabel('E-mail').fill('OWNER@example.com');
    await page.getByRole('button', { name: 'Create user' }).click();
    await page.getByText(`User ${owner.id} has this e-mail: Owner.`).waitFor();
    assert.equal(await textOf(page.locator('#email-note')), 'Another user has this e-mail.');
    await page.locator('#email:focus').waitFor();
    await page.getByRole('link', { name: 'Open that user' }).click();
    await page.getByRole('heading', { name: 'Edit Owner' }).waitFor();
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

  test('keeps text that is typed before the scripts have come', async () => {
    const user = await fixture.create('Quick', 'quick@example.com');
    for (const path of ['/create', `/users/${user.id}`]) {
      const page = await fixture.open(path);
      const scripts = Promise.withResolvers<void>();
      await page.route('**/*.js', (route) => scripts.promise.then(() => route.continue()));
      await page.reload({ waitUntil: 'commit' });
      await page.getByLabel('Name').fill('Quicker');
      scripts.resolve();
      await hydrated(page);
      assert.equal(await page.getByLabel('Name').inputValue(), 'Quicker', path);
      await page.getByLabel('E-mail').fill(`quicker@example${path.length}.com`);
      assert.equal(await page.getByLabel('Name').inputValue(), 'Quicker', path);
    }
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
    await page.getByText('Not saved yet.').waitFor();
    assert.equal(await page.getByLabel('Name').inputValue(), 'Typist, Faster Still');
  });

  for (const choice of ['Overwrite with my version', 'Use the other version'] as const) {
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
      await page.getByText('Somebody else changed the same field while you were editing.').waitFor();
      const row = page.getByRole('row', { name: /^Name/ });
      assert.match(await textOf(row), /Mine.*Theirs/);
      await page.getByText(choice).click();
      await page.locator('.conflict').waitFor({ state: 'detached' });
      const expected = choice === 'Overwrite with my version' ? 'Mine' : 'Theirs';
      assert.equal(await page.getByLabel('Name').inputValue(), expected);
      const saved = await (await fixture.request('GET', `/users/${user.id}`)).json();
      assert.equal(saved.name, expected);
    });
  }

  test('keeps the changes of two people who changed different fields, without a question', async () => {
    const user = await fixture.create('Both', 'both@example.com');
    const page = await fixture.open(`/users/${user.id}`);
    // Without the event stream the page learns of the other change only when it saves.
    await page.route('**/events', (route) => route.abort());
    await page.reload();
    await hydrated(page);
    await page.getByLabel('E-mail').fill('both-new@example.com');
    await fixture.request('PATCH', `/users/${user.id}`, { name: 'Both Changed' });
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('both changes were kept').waitFor();
    assert.equal(await page.getByLabel('Name').inputValue(), 'Both Changed');
    const saved = await (await fixture.request('GET', `/users/${user.id}`)).json();
    assert.deepEqual([saved.name, saved.email], ['Both Changed', 'both-new@example.com']);
    await page.getByRole('heading', { name: 'Edit Both Changed' }).waitFor();
    assert.match(await page.title(), /^Edit Both Changed · /);
  });

  test('takes a change of another field at once, and keeps the typed text', async () => {
    const user = await fixture.create('Half', 'half@example.com');
    const page = await fixture.open(`/users/${user.id}`);
    await page.getByLabel('E-mail').fill('half-new@example.com');
    await fixture.request('PATCH', `/users/${user.id}`, { name: 'Half Changed' });
    await page.getByText('Somebody else has just changed the name. The form shows the new one.').waitFor();
    assert.equal(await page.getByLabel('Name').inputValue(), 'Half Changed');
    assert.equal(await page.getByLabel('E-mail').inputValue(), 'half-new@example.com');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('Saved.', { exact: true }).waitFor();
  });

  test('saves and takes another user at once', async () => {
    const page = await fixture.open('/create');
    for (const name of ['One', 'Two']) {
      await page.getByLabel('Name').fill(`Another ${name}`);
      await page.getByLabel('E-mail').fill(`another-${name}@example.com`);
      await page.getByRole('button', { name: 'Save and add another' }).click();
      await until('the form is empty', async () => (await page.getByLabel('Name').inputValue()) === '');
      await page.locator('#name:focus').waitFor();
    }
    await page.getByText(/User \d+ was created\./).waitFor();
    const list = await (await fixture.request('GET', '/users?q=another')).json();
    assert.equal(list.total, 2);
  });

  test('keeps the text of a new user over a reload, another language and another page, until the reader cancels', async () => {
    const page = await fixture.open('/create');
    await page.getByLabel('Name').fill('Half Typed');
    await page.reload();
    await hydrated(page);
    assert.equal(await page.getByLabel('Name').inputValue(), 'Half Typed');
    await page.getByRole('link', { name: 'Português' }).click();
    await page.getByRole('heading', { name: 'Criar um usuário' }).waitFor();
    await hydrated(page);
    assert.equal(await page.getByLabel('Nome').inputValue(), 'Half Typed');
    await page.goto('/system');
    await page.goto('/create');
    await hydrated(page);
    assert.equal(await page.getByLabel('Name').inputValue(), 'Half Typed');
    await page.getByRole('link', { name: 'Cancel' }).click();
    await page.getByRole('heading', { name: 'Users' }).waitFor();
    await page.goto('/create');
    await hydrated(page);
    assert.equal(await page.getByLabel('Name').inputValue(), '');
  });

  for (const javaScriptEnabled of [true, false]) {
    test(`leads back to the list with its search, ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, async () => {
      const name = javaScriptEnabled ? 'Way Back' : 'Plain Way';
      const user = await fixture.create(name, `way-${javaScriptEnabled}@example.com`);
      const address = `/?q=way&sort=-name&limit=25`;
      const page = await fixture.open(address, { javaScriptEnabled });
      await page.getByRole('link', { name }).click();
      await page.getByRole('heading', { name: `Edit ${name}` }).waitFor();
      if (javaScriptEnabled) await hydrated(page);
      await page.getByLabel('Name').fill(`${name} Saved`);
      await page.getByRole('button', { name: 'Save changes' }).click();
      await page.getByText(javaScriptEnabled ? 'Saved.' : `User ${user.id} was saved.`).waitFor();
      await page.getByRole('link', { name: 'Back to the list' }).click();
      await page.waitForURL((url) => url.pathname + url.search === address);

      await page.getByRole('link', { name: 'New user' }).click();
      await page.getByRole('heading', { name: 'Create a user' }).waitFor();
      if (javaScriptEnabled) await hydrated(page);
      await page.getByLabel('Name').fill('Way New');
      await page.getByLabel('E-mail').fill(`way-new-${javaScriptEnabled}@example.com`);
      await page.getByRole('button', { name: 'Create user' }).click();
      await page.getByText(/User \d+ was created\./).waitFor();
      assert.equal(new URL(page.url()).search, '?q=way&sort=-name&limit=25');
    });
  }

  test('copies the e-mail, here and in the list, and writes to it', async () => {
    const user = await fixture.create('Copied', 'copied+1@example.com');
    const page = await fixture.open(`/users/${user.id}`, { permissions: ['clipboard-read', 'clipboard-write'] });
    const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
    await page.getByRole('button', { name: 'Copy e-mail' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    assert.equal(await clipboard(), user.email);
    const write = page.getByRole('link', { name: 'Write an e-mail' });
    assert.equal(await write.getAttribute('href'), 'mailto:copied%2B1@example.com');

    await page.evaluate(() => navigator.clipboard.writeText(''));
    await page.goto('/?q=copied');
    await hydrated(page);
    await page.getByRole('row', { name: 'Copied' }).getByRole('button', { name: 'Copy e-mail' }).click();
    await until('the list has copied', async () => (await clipboard()) === user.email);
    await page.getByText(user.email).dblclick();
    assert.equal(await page.evaluate(() => String(getSelection())), user.email);
    assert.equal(new URL(page.url()).pathname, '/');
  });

  test('offers to create a user again whom somebody deleted', async () => {
    const user = await fixture.create('Gone', 'gone@example.com');
    const page = await fixture.open(`/users/${user.id}`);
    await page.getByLabel('Name').fill('Gone But Typed');
    await fixture.request('DELETE', `/users/${user.id}`);
    await page.getByText('Somebody else has deleted this user.').waitFor();
    assert.equal(await page.getByLabel('Name').inputValue(), 'Gone But Typed');
    await page.getByRole('button', { name: 'Create it as a new user' }).click();
    await page.getByText(/User \d+ was created\./).waitFor();
    const list = await (await fixture.request('GET', '/users?q=gone')).json();
    assert.equal(list.users[0].name, 'Gone But Typed');
    await page.getByRole('heading', { name: 'Edit Gone But Typed' }).waitFor();
  });
});
