/** What others do is noticed within two seconds, and nobody's edits get lost. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeInBrowser, until } from '../support/browser.ts';

/** The promise is two seconds; a busy machine gets one more. */
const soon = { timeout: 3_000 };

describeInBrowser('an open page', (stage) => {
  test('a list shows who was created, changed and deleted elsewhere', async () => {
    const user = await stage.create('Live One', 'live1@example.com');
    const page = await stage.open('/?q=live');
    await page.getByText('Live One').waitFor();
    await stage.create('Live Two', 'live2@example.com');
    await page.getByText('Live Two').waitFor(soon);
    await stage.request('PATCH', `/users/${user.id}`, { name: 'Live Three' });
    await page.getByText('Live Three').waitFor(soon);
    await stage.request('DELETE', `/users/${user.id}`);
    await page.getByText('Live Three').waitFor({ state: 'detached', ...soon });
  });

  test('a list keeps what is selected and typed when it is refreshed', async () => {
    await stage.create('Hold A', 'hold-a@example.com');
    const page = await stage.open('/?q=hold');
    await page.getByLabel('Select Hold A').check();
    await stage.create('Hold B', 'hold-b@example.com');
    await page.getByText('Hold B').waitFor(soon);
    assert.ok(await page.getByLabel('Select Hold A').isChecked());
    await page.getByRole('button', { name: 'Delete selected 1' }).waitFor();
  });

  test('an untouched form takes the new values and says so', async () => {
    const user = await stage.create('Form One', 'form1@example.com');
    const page = await stage.open(`/users/${user.id}`);
    await stage.request('PATCH', `/users/${user.id}`, { name: 'Form Two' });
    await page.getByText('the form shows the new values').waitFor(soon);
    assert.equal(await page.getByLabel('Name').inputValue(), 'Form Two');
  });

  test('a form with unsaved text keeps it, and shows the choice', async () => {
    const user = await stage.create('Draft One', 'draft1@example.com');
    const page = await stage.open(`/users/${user.id}`);
    await page.getByLabel('Name').fill('My Draft');
    await stage.request('PATCH', `/users/${user.id}`, { name: 'Their Save' });
    await page.getByText('Somebody else has just changed this user.').waitFor(soon);
    assert.equal(await page.getByLabel('Name').inputValue(), 'My Draft');
    await page.getByRole('button', { name: 'Keep what I typed' }).click();
    // The choice was put off, not made: saving asks again.
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('Somebody else changed this user while you were editing.').waitFor();
    await page.getByRole('button', { name: 'Save mine over it' }).click();
    await until('mine is saved', async () => {
      const saved = await (await stage.request('GET', `/users/${user.id}`)).json();
      return saved.name === 'My Draft';
    });
  });

  test('a form saves its text over the news at once, if one so chooses', async () => {
    const user = await stage.create('Over One', 'over1@example.com');
    const page = await stage.open(`/users/${user.id}`);
    await page.getByLabel('Name').fill('Over Mine');
    await stage.request('PATCH', `/users/${user.id}`, { name: 'Over Theirs' });
    await page.getByText('Somebody else has just changed this user.').waitFor(soon);
    await page.getByRole('button', { name: 'Save mine over it' }).click();
    await page.getByText('Saved.').waitFor();
    assert.equal(await page.locator('.conflict').count(), 0);
    assert.equal(await page.getByLabel('Name').inputValue(), 'Over Mine');
  });

  test('asks the API for news only while somebody watches', async () => {
    const page = await stage.open('/system');
    await page.context().close();
    const polls = async () => {
      const status = await (await fetch(`${stage.router.controlUrl}/status`)).json();
      return status.functions.find(({ name }: { name: string }) => name === 'list-users').invocations;
    };
    for (const context of stage.browser.contexts()) await context.close();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const before = await polls();
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    assert.equal(await polls(), before);
  });
});
