import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { holds } from '../../../../../infra/tests/support/property.ts';
import { parseTable } from './parse-table.ts';
import { defaultLimits, type UnreadableReason } from './table.ts';

const read = (file: Uint8Array | string) => parseTable(Buffer.from(file as string), defaultLimits);
const cellsOf = async (file: Uint8Array | string) => (await read(file)).rows.map(({ cells }) => cells);

async function refuses(file: Uint8Array | string, reason: UnreadableReason, details = {}): Promise<void> {
  await assert.rejects(read(file), { name: 'UnreadableTable', reason, details });
}

const text =
  'Name;E-Mail\r\nJörg Weiß;joerg@example.de\r\nAna Conceição;ana@example.com.br\r\nStéphane Noël;noel@example.fr\r\n';
const cells = [
  ['Name', 'E-Mail'],
  ['Jörg Weiß', 'joerg@example.de'],
  ['Ana Conceição', 'ana@example.com.br'],
  ['Stéphane Noël', 'noel@example.fr'],
];

for (const encoding of ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252', 'cp850']) {
  test(`text in ${encoding} is read, with or without a byte order mark`, async () => {
    for (const addBOM of encoding.startsWith('utf') ? [false, true] : [false]) {
      const table = await read(iconv.encode(text, encoding, { addBOM }));
      assert.equal(table.encoding, encoding);
      assert.deepEqual(
        table.rows.map(({ cells }) => cells),
        cells,
      );
    }
  });
}

test('a file in capitals is read in both code pages', async () => {
  const capitals = 'NOME;E-MAIL\r\nJOÃO GONÇALVES;joao@example.com\r\nINÊS MÜLLER;ines@example.com\r\n';
  for (const encoding of ['windows-1252', 'cp850']) {
    const [, joao, ines] = await cellsOf(iconv.encode(capitals, encoding));
    assert.deepEqual([joao?.[0], ines?.[0]], ['JOÃO GONÇALVES', 'INÊS MÜLLER'], encoding);
  }
});

test('a file put together from UTF-8 and Windows-1252 is read line by line', async () => {
  const mixed = Buffer.concat([
    Buffer.from('name,email\nJörg,j@example.de\n'),
    Buffer.from('José,jose@example.com\n', 'latin1'),
  ]);
  const table = await read(mixed);
  assert.deepEqual(
    table.rows.map(({ cells }) => cells[0]),
    ['name', 'Jörg', 'José'],
  );
  assert.equal(table.encoding, 'mixed');
});

for (const delimiter of [',', ';', '\t', '|', '^', '~', ':']) {
  test(`the delimiter ${JSON.stringify(delimiter)} is found`, async () => {
    const rows = [
      ['Name', 'E-Mail'],
      ['Ada', 'ada@example.com'],
      ['Bob', 'bob@example.com'],
    ];
    const table = await read(rows.map((row) => row.join(delimiter)).join('\n'));
    assert.equal(table.delimiter, delimiter);
    assert.deepEqual(
      table.rows.map(({ cells }) => cells),
      rows,
    );
  });
}

test('a comma in each name does not hide the semicolon', async () => {
  const [, ada] = await cellsOf('Name;E-Mail\nLovelace, Ada;ada@example.com\n');
  assert.deepEqual(ada, ['Lovelace, Ada', 'ada@example.com']);
});

test('a sep line names any delimiter, and is no row, as in Excel', async () => {
  const table = await read('"sep=#"\r\nname#email\r\nAda#ada@example.com');
  assert.deepEqual(table.rows, [
    { line: 1, cells: ['name', 'email'] },
    { line: 2, cells: ['Ada', 'ada@example.com'] },
  ]);
});

test('blank rows are left out and keep their numbers, and a line break inside quotes begins no row', async () => {
  const { rows } = await read('a,b\n\r\n ,\r"1\r\n1",2\n3,4\x1a');
  assert.deepEqual(rows, [
    { line: 1, cells: ['a', 'b'] },
    { line: 4, cells: ['1 1', '2'] },
    { line: 5, cells: ['3', '4'] },
  ]);
});

test('a file of blank lines is read at once', { timeout: 10_000 }, async () => {
  const { rows } = await read(`Name,E-mail${'\n'.repeat(1_048_576)}Ada,ada@example.com`);
  assert.deepEqual(rows.at(-1), { line: 1_048_577, cells: ['Ada', 'ada@example.com'] });
});

test('recipients of a mail program are one column, with commas in their names or without', async () => {
  const block = 'Schmidt, Anna <anna@example.de>\nJörg Weiß <joerg@example.de>;\n"Noël, Zoë" <zoe@example.fr>';
  assert.deepEqual(
    (await cellsOf(block)).map(([cell]) => cell),
    ['Schmidt, Anna <anna@example.de>', 'Jörg Weiß <joerg@example.de>', '"Noël, Zoë" <zoe@example.fr>'],
  );
  const [, ada] = await cellsOf('Nr,Kontakt\n1,Ada Lovelace <ada@example.com>');
  assert.deepEqual(ada, ['1', 'Ada Lovelace <ada@example.com>']);
});

test('quotes inside a cell are text', async () => {
  assert.deepEqual(await cellsOf('a,b\nAda "Countess" King,1\n"Ada ""C"" King",2'), [
    ['a', 'b'],
    ['Ada "Countess" King', '1'],
    ['Ada "C" King', '2'],
  ]);
});

test('a file that holds no table is refused with its reason', async () => {
  await refuses('', 'empty');
  await refuses('\ufeff\r\n ; \r\n', 'empty');
  await refuses('name,email\n\nAda,"a@example.com\nBob', 'unclosedQuote', { line: 3 });
  await refuses('%PDF-1.7\n', 'notATable');
  await refuses('<html><table><tr><td>Ada</table>', 'notATable');
  await refuses(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]), 'notATable');
  await refuses(Buffer.from('\ufeffname,email\nAda\ud800,a@example.com', 'utf16le'), 'notATable');
});

test('a file beyond the limits is refused', async () => {
  const file = Buffer.from('a,b\n1,2\n3,4\n');
  const refused = { name: 'UnreadableTable', reason: 'tooManyRows', details: { limit: 3 } };
  await parseTable(file, { ...defaultLimits, maxRows: 3 });
  await assert.rejects(parseTable(Buffer.concat([file, file]), { ...defaultLimits, maxRows: 3 }), refused);
  await assert.rejects(parseTable(file, { ...defaultLimits, maxRows: 3, maxCells: 5 }), refused);
});

test('any table comes back in any encoding that has its characters', async () => {
  const letters = fc.constantFrom(...'aeinrstuABÉÖäöüßáéíóúâêôãõçàèñ');
  const name = fc.string({ unit: letters, minLength: 1, maxLength: 12 }).filter((word) => !/\p{Ll}\p{Lu}/u.test(word));
  const row = fc.tuple(name, name, fc.constantFrom('a@example.com', 'b.c@example.org'));
  await holds(
    fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 5 }),
      fc.constantFrom(',', ';', '\t', '|'),
      fc.constantFrom('\n', '\r', '\r\n'),
      fc.constantFrom('utf-8', 'utf-16le', 'utf-16be'),
      async (rows, delimiter, lineEnd, encoding) => {
        const file = iconv.encode(rows.map((cells) => cells.join(delimiter)).join(lineEnd), encoding);
        assert.deepEqual(await cellsOf(file), rows);
      },
    ),
  );
});

test('no bytes at all make a U+FFFD or end otherwise than as a table or a refusal', async () => {
  await holds(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      try {
        const { rows } = await read(bytes);
        const said = JSON.stringify(rows);
        assert.equal(said.includes('\ufffd'), Buffer.from(bytes).includes(Buffer.from('\ufffd')));
      } catch (error) {
        assert.equal((error as Error).name, 'UnreadableTable');
      }
    }),
  );
});
