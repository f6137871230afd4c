/** Takes 50,000 people from a spreadsheet into the directory and back out to a spreadsheet. This test needs no browser. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as XLSX from '@e965/xlsx';
import { type Person, toPeople } from '../../../site/src/server/imports/table/people.ts';
import { readTable } from '../../../site/src/server/imports/table/read-table.ts';
import { startRouter } from '../support/router.ts';
import { startSite } from '../support/site.ts';

const count = 50_000;
const batchSize = 1_000;

const given = ['Jörg', 'Ana', 'Zoë', 'João', 'Łukasz', 'Ðorđe', 'Ngọc', '美咲', 'Seán', 'Åsa'];
const family = ['Müller', 'da Silva', 'Weiß', 'Gonçalves', 'O’Neill', 'Nguyễn', '佐藤', 'Šimić'];

/** The people as the file should say them. */
const people = Array.from({ length: count }, (_, at) => {
  const name = `${given[at % given.length]} ${family[at % family.length]} ${lettersOf(at)}`;
  return { name, email: `person.${at}@example.com` };
});

/** @returns a word of letters that no other number has */
function lettersOf(number: number): string {
  return number.toString(26).replace(/./g, (digit) => String.fromCharCode(65 + Number.parseInt(digit, 26)));
}

/** A merged title, a blank row, dates, two columns of formulas, and a second sheet, as a library writes them. */
function workbook(): Uint8Array {
  const rows = people.map(({ name, email }, at) => {
    const cut = name.indexOf(' ');
    return [
      at + 1,
      name.slice(cut + 1),
      name.slice(0, cut),
      { t: 's', v: email, f: `"person."&(A${at + 4}-1)&"@example.com"` },
      new Date(Date.UTC(2000 + (at % 26), at % 12, 1 + (at % 28))),
      { t: 'n', v: at * 2, f: `A${at + 4}*2-2` },
    ];
  });
  const titles = ['Nr.', 'Nachname', 'Vorname', 'E-Mail-Adresse', 'Eintritt', 'Punkte'];
  const sheet = XLSX.utils.aoa_to_sheet([['Personalliste 2026'], [], titles, ...rows]);
  sheet['!merges'] = [XLSX.utils.decode_range('A1:F1')];
  const book = XLSX.utils.book_new();
  XLSX.utils.book_append_sheet(book, sheet, 'Personal');
  XLSX.utils.book_append_sheet(book, XLSX.utils.aoa_to_sheet([['Hinweise'], ['Stand: Januar']]), 'Hinweise');
  return XLSX.write(book, { type: 'buffer', bookSST: true, compression: true });
}

/** Reads a file as the import does, without a person's help. */
async function readPeople(file: Uint8Array): Promise<Person[]> {
  const { table, mapping } = await readTable(file, 'people.xlsx');
  assert.equal(mapping.isConfident, true);
  return toPeople(table, mapping);
}

const withoutLine = (read: Person[]) => read.map(({ name, email }) => ({ name, email }));

test(`${count} people come out of the directory as the spreadsheet had them`, async (context) => {
  const file = workbook();
  let startedAt = performance.now();
  const took = (what: string) => {
    context.diagnostic(`${what}: ${Math.round(performance.now() - startedAt)} ms`);
    startedAt = performance.now();
  };
  const read = await readPeople(file);
  took(`reading ${file.length} bytes`);
  assert.deepEqual(withoutLine(read), people);

  const router = await startRouter();
  const site = await startSite({ API_URL: router.url, STATUS_URL: router.statusUrl });
  try {
    startedAt = performance.now();
    for (let at = 0; at < read.length; at += batchSize) {
      const response = await fetch(`${router.url}/users/batch`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': `spreadsheet-${at}` },
        body: JSON.stringify({ users: withoutLine(read.slice(at, at + batchSize)) }),
      });
      const { results } = (await response.json()) as { results: { status: number }[] };
      assert.ok(
        results.every(({ status }) => status === 201),
        JSON.stringify(results[0]),
      );
    }
    took('creating');
    const exported = await fetch(`${site.url}/export.xlsx?lang=pt-br`);
    const back = new Uint8Array(await exported.arrayBuffer());
    took(`exporting ${back.length} bytes`);
    assert.deepEqual(withoutLine(await readPeople(back)), people);
    took('reading the export');
  } finally {
    await site.stop();
    await router.stop();
  }
});
