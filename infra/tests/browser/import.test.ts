/** The import of lists: choose, check, import, stop, go on after a restart, download what was refused, undo. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { describeInBrowser, hydrated, textOf, until } from '../support/browser.ts';
import { FaultProxy } from '../support/proxy.ts';
import { startSite } from '../support/site.ts';

const plain = { javaScriptEnabled: false };

/** Chooses a file on the page of the import and sends it. */
async function choose(page: Page, text: string | Buffer, name = 'people.csv'): Promise<void> {
  await page
    .getByLabel('File', { exact: true })
    .setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
  await page.getByRole('button', { name: 'Check the list' }).click();
}

/** @returns the sentences with the counts of the check or of the import */
function counts(page: Page): Promise<string[]> {
  return page.locator('.counts li').allTextContents();
}

/** @returns `count` rows whose names and addresses begin with a word */
function people(word: string, count: number): string {
  const lines = Array.from({ length: count }, (_, at) => `${word} ${at},${word}${at}@example.com`);
  return ['name,email', ...lines].join('\n');
}

describeInBrowser('the import', (fixture) => {
  const total = async (q: string): Promise<number> =>
    (await (await fixture.request('GET', `/users?q=${encodeURIComponent(q)}`)).json()).total;

  before(async () => {
    await fixture.create('Late', 'late@example.com');
    await fixture.create('Same', 'same@example.com');
  });

  for (const [how, options] of [
    ['with JavaScript', {}],
    ['without JavaScript', plain],
  ] as const) {
    test(`shows what is wrong before anything is written, imports the rest and undoes it, ${how}`, async () => {
      const word = how.replaceAll(' ', '').toLowerCase();
      const page = await fixture.open('/import', options);
      const rows = [
        'Name;E-mail;Phone',
        `${word} One;${word}1@example.com;=1+1`,
        `;${word}2@example.com;2`,
        `${word} Three;no address;3`,
        `${word} Four;${word.toUpperCase()}1@example.com;4`,
        `"${word}; Five";${word}5@example.com;5`,
        'Later;late@example.com;6',
        'Same;same@example.com;7',
      ];
      await choose(page, rows.join('\r\n'));
      await page.getByRole('heading', { name: 'Check before importing' }).waitFor();
      assert.deepEqual(await counts(page), [
        '2 new users',
        '1 already exists with another name',
        '1 already exists, no change',
        '2 rows with errors',
        '1 duplicate row in the file',
      ]);
      assert.match(await textOf(page.locator('.rows tbody')), /This field is required/);
      assert.match(await textOf(page.locator('.rows tbody')), /Row 2 has the same e-mail\./);
      assert.equal(await page.locator('.rows tbody tr').count(), 3);
      await page.getByRole('link', { name: 'Existing' }).click();
      await page.getByText('Already exists as Late').waitFor();
      await page.getByRole('link', { name: 'All rows' }).click();
      await until('all rows', async () => (await page.locator('.rows tbody tr').count()) === 7);
      assert.equal(await total(word), 0);

      assert.equal(await page.locator('.button.primary').count(), 1);
      await page.getByRole('button', { name: 'Import 2 users' }).waitFor();
      await page.getByLabel('Also update 1 user who is already in the directory').check();
      await page.getByRole('button', { name: 'Import 2 users and update 1' }).click();
      await page.getByRole('heading', { name: 'The import is finished' }).waitFor();
      assert.deepEqual(await counts(page), [
        '2 users were imported.',
        '1 user was updated.',
        '3 rows of the file were left out.',
      ]);
      const list = await (await fixture.request('GET', `/users?q=${word}`)).json();
      assert.deepEqual(list.users.map(({ name }: { name: string }) => name).sort(), [`${word} One`, `${word}; Five`]);
      assert.equal(await total('later'), 1);

      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: 'Download rows not imported' }).click(),
      ]);
      const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\r\n');
      assert.equal(lines.length, 4);
      assert.match(lines[0] ?? '', /Name.E-mail.Phone.Reason$/);
      assert.match(lines[2] ?? '', /^.* Three.no address.3./);

      await page.getByRole('link', { name: 'Undo this import' }).click();
      await page.getByRole('button', { name: 'Yes, undo the import' }).click();
      await page.getByRole('heading', { name: 'The import is undone' }).waitFor();
      assert.deepEqual(await counts(page), ['2 users were deleted.', '1 user has the earlier name again.']);
      assert.equal(await total(word), 0);
      assert.equal(await total('later'), 0);
    });
  }

  test('takes pasted cells of a spreadsheet', async () => {
    const page = await fixture.open('/import', plain);
    await page.getByLabel('or paste the cells here').fill('Nome\tE-mail\nAna Cola\tana.cola@example.com');
    await page.getByRole('button', { name: 'Check the list' }).click();
    await page.getByRole('button', { name: 'Import 1 user' }).click();
    await page.getByText('1 user was imported.').waitFor();
    await page.getByRole('link', { name: 'Show the users' }).click();
    await page.getByRole('link', { name: 'Ana Cola' }).waitFor();
  });

  test('keeps pasted cells over a refusal and other pages until it takes them', async () => {
    const page = await fixture.open('/import');
    const cells = page.getByLabel('or paste the cells here');
    const kept = (text: string) => until('the cells', async () => (await cells.inputValue()) === text);
    await hydrated(page);
    await cells.fill('name,email\n"Open,open@example.com');
    await page.getByRole('button', { name: 'Check the list' }).click();
    await page.getByRole('alert').waitFor();
    await kept('name,email\n"Open,open@example.com');
    await page.goto('/');
    await page.goto('/import');
    await kept('name,email\n"Open,open@example.com');
    await hydrated(page);
    await cells.fill(people('Kept', 1));
    await page.getByRole('button', { name: 'Check the list' }).click();
    await page.waitForURL(/\/import\/[\w-]{22}/);
    await page.goBack();
    await kept(people('Kept', 1));
    await hydrated(page);
    await page.getByRole('button', { name: 'Check the list' }).click();
    await page.waitForURL(/\/import\/[\w-]{22}/);
    await page.goto('/import');
    await hydrated(page);
    await kept('');
  });

  test('asks for the columns when they are not clear, and lets the reader change them', async () => {
    const page = await fixture.open('/import', plain);
    await choose(page, 'A;B;C\nMaria;Mapa;maria.mapa@example.com\nJoão;Mapa;joao.mapa@example.com');
    if (!page.url().endsWith('/columns')) await page.getByRole('link', { name: 'Change the columns' }).click();
    await page.getByRole('heading', { name: 'Which column is which?' }).waitFor();
    await page.getByLabel('Titles').selectOption({ label: 'Row 1: A · B · C' });
    await page.getByLabel('Column 1').selectOption('First name');
    await page.getByLabel('Column 2').selectOption('Last name');
    await page.getByLabel('Column 3').selectOption('Leave out');
    await page.getByRole('button', { name: 'Check the list' }).click();
    await page.getByText('Choose the column with the e-mail').waitFor();
    await page.getByLabel('Column 3').selectOption('E-mail');
    await page.getByRole('button', { name: 'Check the list' }).click();
    await page.getByRole('button', { name: 'Import 2 users' }).click();
    await page.getByText('2 users were imported.').waitFor();
    assert.equal(await total('Maria Mapa'), 1);
  });

  test('says which of several columns of e-mails it takes, and takes another one if asked', async () => {
    const page = await fixture.open('/import', plain);
    await choose(
      page,
      'Name;E-mail work;E-mail private\nTwo Mails;two@example.com;two@example.org\nOne;one@example.com;',
    );
    await page.getByText('The name comes from “Name”, the e-mail from “E-mail work”.').waitFor();
    await page.getByText('Only “E-mail work” is used.').waitFor();
    await page.getByRole('button', { name: 'Use “E-mail private”' }).click();
    await page.getByText('Only “E-mail private” is used.').waitFor();
    assert.deepEqual(await counts(page), ['1 new user', '1 row with errors']);
    await page.getByRole('button', { name: 'Import 1 user' }).click();
    await page.getByText('1 user was imported.').waitFor();
    assert.equal(await total('two@example.org'), 1);
  });

  test('takes names and addresses out of one column, and shows the rows of the spreadsheet', async () => {
    const page = await fixture.open('/import', plain);
    await page
      .getByLabel('or paste the cells here')
      .fill('E-mail\nOutlook, Olga <olga@example.com>\n\n"Outlook, Otto" <otto@example.com>;\nOutlook <nobody>');
    await page.getByRole('button', { name: 'Check the list' }).click();
    await page.getByText('Name and e-mail both come from “E-mail”.').waitFor();
    assert.deepEqual(await counts(page), ['2 new users', '1 row with errors']);
    assert.match(await textOf(page.locator('.rows tbody')), /^\s*5/);
    await page.getByRole('button', { name: 'Import 2 users' }).click();
    await page.getByText('2 users were imported.').waitFor();
    assert.equal(await total('otto outlook'), 1);
  });

  for (const [how, options] of [
    ['with JavaScript', {}],
    ['without JavaScript', plain],
  ] as const) {
    test(`updates existing users only if the reader chooses so, where nobody is new, ${how}`, async () => {
      const { id } = await fixture.create('Before', `only${how.length}@example.com`);
      const name = async () => (await (await fixture.request('GET', `/users/${id}`)).json()).name;
      const page = await fixture.open('/import', options);
      await choose(page, `name,email\nAfter,only${how.length}@example.com`);
      await page.getByText('There are no new users in this list.').waitFor();
      const button = page.getByRole('button', { name: 'Update 1 user' });
      const box = page.getByLabel('Also update 1 user who is already in the directory');
      await button.click();
      await page.locator('input[name=existing]:invalid').waitFor();
      assert.equal(await name(), 'Before');
      await box.check();
      await button.click();
      await page.getByText('1 user was updated.').waitFor();
      assert.equal(await name(), 'After');
    });
  }

  for (const [what, text, words] of [
    ['nothing', '', 'Choose a file or paste some cells first.'],
    ['an open quote', 'name,email\n"Ana,ana@example.com', 'A quotation mark opens in row 2'],
    ['a picture', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), 'This is not a list that the site can read.'],
  ] as const) {
    test(`explains a form with ${what}`, async () => {
      const page = await fixture.open('/import', plain);
      if (text === '') await page.getByRole('button', { name: 'Check the list' }).click();
      else await choose(page, text, 'some.file');
      await page.getByText(words).waitFor();
    });
  }

  test('says that a list with titles alone has no rows, and that an empty file is empty', async () => {
    const page = await fixture.open('/import', plain);
    await choose(page, 'name,email\n');
    await page.getByText('There is no row with a name or an e-mail below the titles.').waitFor();
    await page.goto('/import');
    await choose(page, '');
    await page.getByText('There is nothing in this file.').waitFor();
  });

  test('an address that is no import is not found', async () => {
    for (const path of [
      '/import/AAAAAAAAAAAAAAAAAAAAAA',
      '/import/AAAAAAAAAAAAAAAAAAAAAA/progress',
      '/import/1/columns',
    ]) {
      assert.equal((await fixture.fetch(path)).status, 404, path);
    }
  });

  test('a form of another site begins no import', async () => {
    const body = new FormData();
    body.set('text', 'name,email\nForged,forged@example.com');
    const response = await fetch(`${fixture.site.url}/import`, {
      method: 'POST',
      body,
      headers: { origin: 'https://evil.example' },
    });
    assert.equal(response.status, 403);
  });
});

describeInBrowser(
  'a file beyond the limit',
  (fixture) => {
    test('is refused with a page that says the limit', async () => {
      for (const options of [{}, plain]) {
        const page = await fixture.open('/import', options);
        const answer = page.waitForResponse((response) => response.request().method() === 'POST');
        await choose(page, `name,email\n${'x'.repeat(3_000_000)}`);
        assert.equal((await answer).status(), 413);
        await page.getByText('The file is larger than 2 MB.').waitFor();
      }
    });
  },
  { site: { SITE_UPLOAD_LIMIT: '2097152' } },
);

describeInBrowser('an import that is under way', (fixture) => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'cadastro-import-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test('shows on other pages, stops, survives a restart of the site and goes on without twins', async () => {
    const proxy = await FaultProxy.start(Number(new URL(fixture.router.url).port));
    const settings = {
      ...fixture.siteAccounts,
      API_URL: `http://127.0.0.1:${proxy.port}`,
      STATUS_URL: fixture.router.statusUrl,
      SITE_DATA: folder,
    };
    const holdAnswer = () => proxy.holdNext('replies', (chunk) => chunk.includes('"status":201,"id"'));
    const first = await startSite(settings);
    const page = await (await fixture.context({ baseURL: first.url })).newPage();
    await page.goto('/import');
    await choose(page, people('restart', 2_500));
    const start = page.getByRole('button', { name: 'Import 2,500 users' });
    await start.waitFor();
    const job = new URL(page.url()).pathname;
    const lost = holdAnswer();
    await start.click();
    await lost.caught;
    await page.getByRole('heading', { name: 'Importing…' }).waitFor();
    await page.route('**/progress', (route) => route.abort());
    const away = page.getByText('The site cannot be reached.');
    await away.waitFor();
    await page.unroute('**/progress');
    await away.waitFor({ state: 'detached' });
    await page.goto('/create');
    await page.locator('.import-bar progress').waitFor();
    const gone = once(first.process, 'exit');
    first.process.kill('SIGKILL');
    await gone;
    lost.release();

    const second = await startSite({ ...settings, SITE_PORT: new URL(first.url).port });
    await page.goto(job);
    await page.getByText('The site was restarted, so it stopped here.').waitFor();
    assert.deepEqual(await counts(page), ['0 users were imported.', '1,500 rows were not tried.']);
    await page.getByText('The results of 1,000 rows are missing.').waitFor();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('heading', { name: 'The import is finished' }).waitFor();
    assert.deepEqual(await counts(page), ['2,500 users were imported.']);
    assert.equal((await (await fixture.request('GET', '/users?q=restart')).json()).total, 2_500);

    await page.goto('/import');
    await choose(page, people('stopped', 2_500));
    await start.waitFor();
    const late = holdAnswer();
    await start.click();
    await late.caught;
    await page.getByRole('button', { name: 'Stop' }).click();
    late.release();
    await page.getByText('You pressed Stop.').waitFor();
    assert.deepEqual(await counts(page), ['1,000 users were imported.', '1,500 rows were not tried.']);
    await page.goto('/');
    await hydrated(page);
    assert.equal(await page.locator('.import-bar').count(), 0, 'the reader has seen the result');
    await second.stop();
    await proxy.stop();
  });

  test('a stored import that the site cannot read says so on its page', async () => {
    const id = 'A'.repeat(22);
    mkdirSync(join(folder, 'imports', id), { recursive: true });
    writeFileSync(join(folder, 'imports', id, 'job.json'), '{}');
    const site = await startSite({
      ...fixture.siteAccounts,
      API_URL: fixture.router.url,
      STATUS_URL: fixture.router.statusUrl,
      SITE_DATA: folder,
    });
    for (const path of ['', '/columns']) {
      const response = await fixture.fetch(`${site.url}/import/${id}${path}`);
      assert.deepEqual([response.status, response.url], [200, `${site.url}/import?unreadable`]);
      assert.match(await response.text(), /An earlier import cannot be shown/);
    }
    const latest = await fixture.fetch(`${site.url}/import`, { headers: { cookie: `import=${id}` } });
    assert.match(await latest.text(), /An earlier import cannot be shown/);
    assert.match(site.stderr(), new RegExp(`The import ${id} cannot be read, and its folder stays`));
    await site.stop();
  });
});
