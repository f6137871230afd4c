/** The history on a user's page: what changed, and one click that brings an earlier state back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeInBrowser, textOf, until } from '../support/browser.ts';

describeInBrowser('the history of a user', (fixture) => {
  const nameOf = async (id: number) => (await (await fixture.request('GET', `/users/${id}`)).json()).name;

  for (const javaScriptEnabled of [true, false]) {
    const how = javaScriptEnabled ? 'with JavaScript' : 'without JavaScript';
    test(`shows each change, and restores an earlier state, ${how}`, async () => {
      const { id } = await fixture.create(`First ${how}`, `${javaScriptEnabled}@example.com`);
      await fixture.request('PATCH', `/users/${id}`, { name: 'Second' });
      const page = await fixture.open(`/users/${id}`, { javaScriptEnabled });
      const history = page.getByRole('region', { name: 'History' });
      const [latest, first] = await history.getByRole('listitem').allInnerTexts();
      assert.match(
        latest ?? '',
        /Changed\s+(?:without signing in|by the API key tests).*Name\s+Before:\s+First with\w* JavaScript\s+After:\s+Second/s,
      );
      assert.match(first ?? '', /Created.*E-mail\s+After:\s+\w+@example\.com/s);
      await history.getByRole('button').click();
      await page.getByText(`The earlier state of user ${id} is back.`).waitFor();
      assert.equal(await nameOf(id), `First ${how}`);
      assert.match((await history.getByRole('listitem').allInnerTexts())[0] ?? '', /^Restored/);
    });
  }

  test('follows a change that the form saves without leaving the page', async () => {
    const { id } = await fixture.create('Before', 'before@example.com');
    const page = await fixture.open(`/users/${id}`);
    await page.getByLabel('Name', { exact: true }).fill('After');
    await page.getByRole('button', { name: 'Save changes' }).click();
    const items = page.getByRole('region', { name: 'History' }).getByRole('listitem');
    await until('the new change', async () => (await items.count()) === 2);
    assert.match(await textOf(items.first()), /Before:\s+Before\s+After:\s+After/);
  });

  test('does not restore over a change that the reader has not seen', async () => {
    const { id } = await fixture.create('One', 'one@example.com');
    await fixture.request('PATCH', `/users/${id}`, { name: 'Two' });
    const page = await fixture.open(`/users/${id}`, { javaScriptEnabled: false });
    await fixture.request('PATCH', `/users/${id}`, { name: 'Three' });
    await page.getByRole('region', { name: 'History' }).getByRole('button').click();
    await page.getByText('Somebody else has just changed this user, so nothing was restored.').waitFor();
    assert.equal(await nameOf(id), 'Three');
  });

  test('brings a deleted user back, and offers nothing for one that is gone for good', async () => {
    const { id } = await fixture.create('Deleted', 'deleted@example.com');
    await fixture.request('DELETE', `/users/${id}`);
    const page = await fixture.open(`/pt-br/users/${id}`, { javaScriptEnabled: false });
    await page.getByRole('button', { name: 'Voltar ao que era antes' }).click();
    await page.getByText(`O usuário ${id} voltou ao que era antes.`).waitFor();
    assert.equal(await nameOf(id), 'Deleted');
    await fixture.request('DELETE', `/users/${id}`);
    await fixture.request('DELETE', `/users/bin/${id}`);
    await page.reload();
    await page.getByText('Removido da lixeira de vez').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Voltar ao que era antes' }).count(), 0);
  });

  test('comes page by page', async () => {
    const { id } = await fixture.create('Many', 'many@example.com');
    for (let n = 1; n <= 21; n++) await fixture.request('PATCH', `/users/${id}`, { name: `Many ${n}` });
    const page = await fixture.open(`/users/${id}`, { javaScriptEnabled: false });
    const items = page.getByRole('region', { name: 'History' }).getByRole('listitem');
    assert.equal(await items.count(), 20);
    await page.getByRole('link', { name: 'Older changes' }).click();
    await until('the older changes', async () => (await items.count()) === 2);
    await page.getByRole('link', { name: 'Latest changes' }).click();
    await until('the latest changes', async () => (await items.count()) === 20);
  });

  test('takes no form of another site', async () => {
    const { id } = await fixture.create('Safe', 'safe@example.com');
    await fixture.request('PATCH', `/users/${id}`, { name: 'Changed' });
    const { changes } = await (await fixture.request('GET', `/users/${id}/history`)).json();
    const body = new URLSearchParams({ intent: 'restore', change: String(changes[0].id) });
    const headers = { origin: 'https://evil.example' };
    const forged = await fetch(`${fixture.site.url}/users/${id}`, {
      method: 'POST',
      body,
      headers,
      redirect: 'manual',
    });
    assert.equal(forged.status, 403);
    assert.equal(await nameOf(id), 'Changed');
  });
});
