/** Export of the list. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, test } from 'node:test';
import { parseTable } from '../../../site/src/server/imports/table/parse-table.ts';
import { defaultLimits } from '../../../site/src/server/imports/table/table.ts';
import { describeInBrowser, until } from '../support/browser.ts';

describeInBrowser('CSV', (fixture) => {
  before(async () => {
    await fixture.create('Comma, "Quote"', 'comma@example.com');
    await fixture.create('=1+1', 'formula@example.com');
    await fixture.create('Ünïcödé', 'unicode@example.org');
  });

  test('exports the users that the search finds, safe for spreadsheets', async () => {
    const page = await fixture.open('/');
    await page.getByRole('searchbox').fill('example.com');
    await until('the link follows the search', async () =>
      ((await page.getByRole('link', { name: 'Export CSV' }).getAttribute('href')) ?? '').includes('q=example.com'),
    );
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Export CSV' }).click(),
    ]);
    assert.match(download.suggestedFilename(), /^users-\d{4}-\d\d-\d\d\.csv$/);
    const text = await readFile(await download.path(), 'utf8');
    const [head, first, second, end] = text.split('\r\n');
    assert.equal(head, '\ufeffNumber,Name,E-mail,Created,Last changed');
    assert.match(first ?? '', /^\d+,"Comma, ""Quote""",comma@example\.com,/);
    assert.match(second ?? '', /^\d+,'=1\+1,formula@example\.com,/);
    assert.equal(end, '');

    await page.goto(`${page.url().split('?')[0]}pt-br?q=example.com`);
    const [workbook] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Exportar para Excel' }).click(),
    ]);
    assert.match(workbook.suggestedFilename(), /^usuarios-\d{4}-\d\d-\d\d\.xlsx$/);
    const { rows } = await parseTable(await readFile(await workbook.path()), defaultLimits);
    assert.deepEqual(rows[0]?.cells, ['Número', 'Nome', 'E-mail', 'Criado em', 'Última alteração']);
    assert.deepEqual(
      rows.slice(1).map(({ cells }) => cells[1]),
      ['Comma, "Quote"', '=1+1'],
    );
  });
});
