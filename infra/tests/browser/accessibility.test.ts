/** Accessibility: axe finds no violation in either theme or language, motion can be turned off, the keyboard suffices. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { violations } from '../support/axe.ts';
import { describeInBrowser, hydrated } from '../support/browser.ts';

describeInBrowser('accessibility', (fixture) => {
  before(async () => {
    for (let number = 1; number <= 30; number++) await fixture.create(`Axe ${number}`, `axe${number}@example.com`);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [language, prefix] of [
      ['English', ''],
      ['Portuguese', '/pt-br'],
    ] as const) {
      test(`axe finds no violation in ${language}, ${colorScheme}`, async () => {
        const page = await (await fixture.context({ colorScheme })).newPage();
        const paths = [
          '/',
          '/?limit=10&sort=-name',
          '/?q=nobody',
          '/create',
          '/users/1',
          '/users/9999',
          '/edit',
          '/twins',
          '/delete?id=1&id=2',
          '/delete?q=axe',
          '/bin',
          '/import',
          '/system',
          '/nowhere',
        ];
        for (const path of paths) {
          await page.goto(prefix + path);
          await hydrated(page);
          assert.deepEqual(await violations(page), [], prefix + path);
        }
      });
    }

    test(`axe finds no violation in messages, dialogs and conflicts, ${colorScheme}`, async () => {
      const user = await fixture.create('Axe Conflict', `axe-${colorScheme}@example.com`);
      const page = await fixture.open('/create', { colorScheme });
      await page.getByLabel('E-mail').fill('axe1@example.com');
      await page.getByRole('button', { name: 'Create user' }).click();
      await page.getByText('Please correct the marked fields.').waitFor();
      assert.deepEqual(await violations(page), []);
      await page.getByLabel('Name').fill('Taken');
      await page.getByRole('button', { name: 'Create user' }).click();
      await page.getByText('User 1 has this e-mail').waitFor();
      assert.deepEqual(await violations(page), []);

      await page.goto(`/users/${user.id}`);
      await hydrated(page);
      await page.getByLabel('Name').fill('Mine');
      await fixture.request('PATCH', `/users/${user.id}`, { name: 'Theirs' });
      await page.getByText('Somebody else has just changed the same field.').waitFor();
      assert.deepEqual(await violations(page), []);
      await page
        .getByRole('button', { name: 'Use the other version' })
        .or(page.getByRole('link', { name: 'Use the other version' }))
        .click();

      await page.goto('/');
      await hydrated(page);
      await page.getByLabel('Select Axe 1', { exact: true }).check();
      await page.getByRole('button', { name: 'Delete selected' }).click();
      await page.getByRole('dialog').waitFor();
      assert.deepEqual(await violations(page), []);
      await page.getByRole('button', { name: 'Yes, delete' }).click();
      await page.getByText('Axe 1 was deleted.').waitFor();
      await page.locator('.toast').hover();
      assert.deepEqual(await violations(page), []);
      await page.goto('/bin');
      await hydrated(page);
      assert.deepEqual(await violations(page), []);
      await page.goto('/');
      await hydrated(page);
      await page.getByRole('button', { name: 'Undo' }).click();
      await page.getByText('1 user was restored.').waitFor();

      await page.goto('/import');
      await hydrated(page);
      await page.getByLabel('or paste the cells here').fill('name,email\nOne,one@example.com\nTwo,nowhere');
      await page.getByRole('button', { name: 'Check the list' }).click();
      await page.getByText('1 row with errors').waitFor();
      assert.deepEqual(await violations(page), []);
      await page.getByRole('link', { name: 'Change the columns' }).click();
      await page.getByRole('heading', { name: 'Which column is which?' }).waitFor();
      assert.deepEqual(await violations(page), []);
      await page.getByRole('button', { name: 'Check the list' }).click();
      await page.getByRole('button', { name: 'Import 1 user' }).click();
      await page.getByText('1 user was imported.').waitFor();
      assert.deepEqual(await violations(page), []);
      await page.getByRole('link', { name: 'Undo this import' }).click();
      assert.deepEqual(await violations(page), []);
      await page.getByRole('button', { name: 'Yes, undo the import' }).click();
      await page.getByRole('heading', { name: 'The import is undone' }).waitFor();
      assert.deepEqual(await violations(page), []);
    });
  }

  test('axe finds no violation in a narrow list, nor beside its selection', async () => {
    const page = await fixture.open('/', { viewport: { width: 360, height: 800 } });
    await page.getByRole('combobox', { name: 'Users per page' }).waitFor();
    assert.deepEqual(await violations(page), []);
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByLabel('Select Axe 3', { exact: true }).check();
    await page.getByRole('combobox', { name: 'Users per page' }).waitFor();
    assert.deepEqual(await violations(page), []);
  });

  test('nothing moves for readers who prefer reduced motion', async () => {
    const page = await fixture.open('/', { reducedMotion: 'reduce' });
    await page.getByLabel('Select Axe 2', { exact: true }).check();
    await page.getByRole('button', { name: 'Delete selected' }).click();
    await page.getByRole('button', { name: 'Yes, delete' }).click();
    await page.getByText('Axe 2 was deleted.').waitFor();
    const moving = await page.evaluate(() => document.getAnimations().length);
    assert.equal(moving, 0);
    await page.getByRole('button', { name: 'Undo' }).click();
  });

  test('the first Tab stop is the link that skips to the content', async () => {
    const page = await fixture.open('/');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement?.className), 'skip');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'content');
  });
});
