/** Changes by others appear on open pages by themselves and never overwrite what the reader has typed. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { describeInBrowser, setHidden, until } from '../support/browser.ts';
import { startSite } from '../support/site.ts';

describeInBrowser('an open page', (fixture) => {
  test('a list shows users that others create, change and delete', async () => {
    const user = await fixture.create('Live One', 'live1@example.com');
    const page = await fixture.open('/?q=live');
    await page.getByText('Live One').waitFor();
    await fixture.create('Live Two', 'live2@example.com');
    await page.getByText('Live Two').waitFor();
    await fixture.request('PATCH', `/users/${user.id}`, { name: 'Live Three' });
    await page.getByText('Live Three').waitFor();
    await fixture.request('DELETE', `/users/${user.id}`);
    await page.getByText('Live Three').waitFor({ state: 'detached' });
  });

  test('a list keeps the selection when it is refreshed', async () => {
    await fixture.create('Hold A', 'hold-a@example.com');
    const page = await fixture.open('/?q=hold');
    await page.getByLabel('Select Hold A').check();
    await fixture.create('Hold B', 'hold-b@example.com');
    await page.getByText('Hold B').waitFor();
    assert.ok(await page.getByLabel('Select Hold A').isChecked());
    await page.getByRole('button', { name: 'Delete selected 1' }).waitFor();
  });

  test('a hidden list keeps no connection to the site, and shows the changes when somebody looks at it again', async () => {
    const page = await fixture.open('/?q=unseen');
    await page.locator('.live[data-on="true"]').waitFor();
    const left = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/events'));
    await setHidden(page, true);
    await left;
    await fixture.create('Unseen One', 'unseen1@example.com');
    await setHidden(page, false);
    await page.getByText('Unseen One').waitFor();
  });

  test('a form without unsaved text takes the new values and says so', async () => {
    const user = await fixture.create('Form One', 'form1@example.com');
    const page = await fixture.open(`/users/${user.id}`);
    await fixture.request('PATCH', `/users/${user.id}`, { name: 'Form Two' });
    await page.getByText('Somebody else has just changed the name. The form shows the new one.').waitFor();
    assert.equal(await page.getByLabel('Name').inputValue(), 'Form Two');
  });

  test('a form with unsaved text keeps it, and offers the choice', async () => {
    const user = await fixture.create('Draft One', 'draft1@example.com');
    const page = await fixture.open(`/users/${user.id}`);
    await page.getByLabel('Name').fill('My Draft');
    await fixture.request('PATCH', `/users/${user.id}`, { name: 'Their Save' });
    await page.getByText('Somebody else has just changed the same field.').waitFor();
    assert.equal(await page.getByLabel('Name').inputValue(), 'My Draft');
    await page.getByRole('button', { name: 'Keep what I typed' }).click();
    // The reader has put the choice off. Saving offers it again.
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('Somebody else changed the same field while you were editing.').waitFor();
    await page.getByRole('button', { name: 'Overwrite with my version' }).click();
    await until('the reader’s text is saved', async () => {
      const saved = await (await fixture.request('GET', `/users/${user.id}`)).json();
      return saved.name === 'My Draft';
    });
  });

  test('a form saves its text over the other change at once, if the reader chooses so', async () => {
    const user = await fixture.create('Over One', 'over1@example.com');
    const page = await fixture.open(`/users/${user.id}`);
    await page.getByLabel('Name').fill('Over Mine');
    await fixture.request('PATCH', `/users/${user.id}`, { name: 'Over Theirs' });
    await page.getByText('Somebody else has just changed the same field.').waitFor();
    await page.getByRole('button', { name: 'Overwrite with my version' }).click();
    await page.getByText('Saved.').waitFor();
    assert.equal(await page.locator('.conflict').count(), 0);
    assert.equal(await page.getByLabel('Name').inputValue(), 'Over Mine');
  });

  test('the site polls the API only while a page is open', async () => {
    const polls = { watched: 0, left: 0 };
    const api = createServer((request, response) => {
      const [, name, path] = /^\/(\w+)(\/.*)$/.exec(request.url ?? '') ?? [];
      if (path === '/users?limit=1') polls[name as keyof typeof polls]++;
      response.setHeader('etag', '"1"').end(JSON.stringify({ users: [], total: 0, totalExact: true, next: null }));
    });
    await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
    const apiUrl = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
    // Two sites: the polls of the watched one tell how many polls the other would have made in the same time.
    const [watched, left] = await Promise.all(
      ['watched', 'left'].map((name) => startSite({ API_URL: `${apiUrl}/${name}`, SITE_LIVE_INTERVAL_MS: '100' })),
    );
    try {
      const stays = await fixture.open(`${watched?.url}/`);
      const leaves = await fixture.open(`${left?.url}/`);
      await until('both sites poll', () => polls.watched > 0 && polls.left > 0);
      await leaves.context().close();
      await until('the site without a page makes no poll while the other makes five', async () => {
        const before = { ...polls };
        await until('five polls', () => polls.watched >= before.watched + 5);
        return polls.left === before.left;
      });
      await stays.context().close();
    } finally {
      await Promise.all([watched?.stop(), left?.stop()]);
      api.close();
    }
  });
});
