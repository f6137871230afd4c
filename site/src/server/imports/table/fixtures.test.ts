import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { toPeople } from './people.ts';
import { readTable } from './read-table.ts';

const folder = join(import.meta.dirname, 'fixtures');

/** The people of each file, as `row name <email>`. The row is the one that Excel shows. */
const people: Record<string, string[]> = {
  'cr-only-three-people.csv': [
    '2 Carla Um <carla1@example.com>',
    '3 Davi Dois <davi2@example.com>',
    '4 Eva Tres <eva3@example.com>',
  ],
  'cr-only.csv': ['2 Ada Lovelace <ada@example.com>', '3 Bob B <bob@example.com>'],
  'email-address.csv': ['2 Ada Lovelace <ada@example.com>'],
  'german-header.csv': ['2 Jörg Müller <joerg@example.de>'],
  'german-two-names.csv': ['2 Jörg Müller <joerg@example.de>'],
  'no-header.csv': ['1 Ada Lovelace <ada@example.com>', '2 Bob B <bob@example.com>'],
  'one-bad-byte.csv': ['2 José <jose@example.com>'],
  'outlook-german.csv': ['2 Jörg Müller <joerg@example.de>'],
  'outlook-portuguese.csv': ['2 Ana Souza <ana@example.com.br>'],
  'portuguese-header.csv': ['2 Ana Souza <ana@example.com.br>'],
  'quoted-newline.csv': ['2 Ada Lovelace <ada@example.com>', '3 Bob B <bob@example.com>'],
  'sep-line.csv': ['2 Jörg Müller <joerg@example.de>'],
  'tabs.txt': ['2 Jörg Müller <joerg@example.de>'],
  'title-row.csv': ['4 Jörg Müller <joerg@example.de>'],
  'utf-16le-tabs.txt': ['2 João Gonçalves <joao@example.com.br>'],
  'windows-1252.csv': ['2 Jörg Müller <joerg@example.de>', '3 Stéphane D’Arc <stephane@example.de>'],
  // The reader keeps the zero-width spaces. The rules of names and addresses decide about them.
  'zero-width.csv': [
    '2 Ada <\u200bada@example.com>',
    '3 Bob <bob@example.com\u200b>',
    '4 Cy <cy@exam\u200bple.com>',
    '5 \u200b <blank@example.com>',
  ],
};

for (const file of readdirSync(folder)) {
  test(`${file} gives its people without a question`, async () => {
    const { table, mapping } = await readTable(readFileSync(join(folder, file)), file);
    assert.deepEqual(
      toPeople(table, mapping).map(({ line, name, email }) => `${line} ${name} <${email}>`),
      people[file],
    );
    assert.equal(mapping.isConfident, true);
  });
}
