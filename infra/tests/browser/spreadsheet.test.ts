/**
 * Takes people from a spreadsheet through the pages of the import into the directory, back out to a spreadsheet, and undoes the
 * import. This test needs no browser. SPREADSHEET_ROWS sets the number of people.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as XLSX from '@e965/xlsx';
import { type Person, toPeople } from '../../../site/src/server/imports/table/people.ts';
import { readTable } from '../../../site/src/server/imports/table/read-table.ts';
import { type Router, startRouter } from '../support/router.ts';
import { type Site, startSite } from '../support/site.ts';
import { until } from '../support/until.ts';

const count = Number(process.env.SPREADSHEET_ROWS || 2_000);
/** How many users the comparison creates with one request each. */
const singles = Math.min(count, 1_000);
/** How many times faster than one request a row the import must be. In a short run the fixed costs weigh more. */
const minRatio = count >= 50_000 ? 15 : 3;
const safetyTimeoutMs = 600_000;

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

/** The pages of the import, used as a browser without JavaScript does. */
class ImportPages {
  readonly #site: Site;

  constructor(site: Site) {
    this.#site = site;
  }

  /** Sends a file by the form. @returns the path of the import, when its check has ended */
  async upload(file: Uint8Array<ArrayBuffer>, name: string): Promise<string> {
    const form = new FormData();
    form.set('file', new File([file], name));
    const path = await this.#post('/import', form);
    await this.#ended(path);
    return path;
  }

  /** Presses a button, and waits for the end of its step. */
  async press(path: string, action: string): Promise<void> {
    await this.#post(path, new URLSearchParams({ action }));
    await this.#ended(path);
  }

  /** @returns the texts of the elements with a tag and a class */
  async texts(path: string, pattern: RegExp): Promise<string[]> {
    const html = await (await fetch(this.#site.url + path)).text();
    return [...html.matchAll(pattern)].map(([, content = '']) => content.replace(/<[^>]+>/g, '').trim());
  }

  async #post(path: string, body: FormData | URLSearchParams): Promise<string> {
    const response = await fetch(this.#site.url + path, { method: 'POST', body, redirect: 'manual' });
    assert.equal(response.status, 303, await response.text());
    return response.headers.get('location') as string;
  }

  async #ended(path: string): Promise<void> {
    const hasEnded = async () => (await (await fetch(`${this.#site.url}${path}/progress`)).json()).hasEnded;
    await until('the step has ended', hasEnded, { milliseconds: safetyTimeoutMs, every: 50 });
  }
}

const counts = /<li[^>]*>([^<]*\b(?:users?|exists?|rows?)\b[^<]*)<\/li>/g;

/** Creates users with one request each, and deletes them again. @returns the rows per second */
async function createOneByOne({ url }: Router): Promise<number> {
  const post = (path: string, body: object) =>
    fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  // The first request of a process pays for its start.
  for (const person of people.slice(0, 5)) await post('/users', { ...person, email: `warm.${person.email}` });
  const startedAt = performance.now();
  for (const person of people.slice(0, singles)) assert.equal((await post('/users', person)).status, 201);
  const seconds = (performance.now() - startedAt) / 1_000;
  for (let left = 1; left > 0; ) ({ left } = await (await post('/users/batch-delete', { all: true })).json());
  return singles / seconds;
}

test(`${count} people come out of the directory as the spreadsheet had them`, async (context) => {
  const number = new Intl.NumberFormat('en').format(count);
  const total = async () => (await (await fetch(`${router.url}/users?limit=1`)).json()).total;
  const file = new Uint8Array(workbook());
  const router = await startRouter({ env: { AUTH: 'off' } });
  const site = await startSite({ API_URL: router.url, STATUS_URL: router.statusUrl, SITE_API_TIMEOUT_MS: '120000' });
  const pages = new ImportPages(site);
  try {
    const oneByOne = await createOneByOne(router);
    assert.equal(await total(), 0);

    const startedAt = performance.now();
    const path = await pages.upload(file, 'people.xlsx');
    const checkedAt = performance.now();
    assert.deepEqual(await pages.texts(path, counts), [`${number} new users`]);
    const shown = await pages.texts(path, /<bdi>([^<]*)<\/bdi>/g);
    for (const { name, email } of people.slice(0, 100)) assert.ok(shown.includes(name) && shown.includes(email), name);
    assert.equal(await total(), 0, 'nothing is written before the reader has seen it');
    const pressedAt = performance.now();
    await pages.press(path, 'import');
    const endedAt = performance.now();
    assert.deepEqual(await pages.texts(path, counts), [`${number} users were imported.`]);

    const perSecond = (ms: number) => (count / ms) * 1_000;
    const whole = perSecond(checkedAt - startedAt + (endedAt - pressedAt));
    const ratio = whole / oneByOne;
    context.diagnostic(`a file of ${file.length} bytes; one request a row: ${oneByOne.toFixed()} rows/s`);
    context.diagnostic(`upload, reading and check: ${perSecond(checkedAt - startedAt).toFixed()} rows/s`);
    context.diagnostic(`import: ${perSecond(endedAt - pressedAt).toFixed()} rows/s`);
    context.diagnostic(`from the file to the directory: ${whole.toFixed()} rows/s, ${ratio.toFixed(1)} times as many`);
    assert.ok(ratio >= minRatio, `the import is only ${ratio.toFixed(1)} times as fast as one request a row`);

    const exported = await fetch(`${site.url}/export.xlsx?lang=pt-br`);
    const back = new Uint8Array(await exported.arrayBuffer());
    assert.deepEqual(withoutLine(await readPeople(back)), people);
    const again = await pages.upload(back, 'usuarios.xlsx');
    assert.deepEqual(await pages.texts(again, counts), ['0 new users', `${number} already exist, no change`]);

    await pages.press(path, 'undo');
    assert.deepEqual(await pages.texts(path, counts), [`${number} users were deleted.`]);
    assert.equal(await total(), 0);
  } finally {
    await site.stop();
    await router.stop();
  }
});
