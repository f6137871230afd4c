import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findAddressColumns, guessColumns } from './columns.ts';
import { toPeople } from './people.ts';
import type { Table } from './table.ts';

const tableOf = (...rows: string[][]): Table => ({ rows: rows.map((cells, at) => ({ line: at + 1, cells })) });
/** @returns the one person below some titles, and whether the guess is confident */
function read(titles: string[], cells: string[]): string {
  const table = tableOf(titles, cells);
  const mapping = guessColumns(table);
  const people = toPeople(table, mapping).map(({ name, email }) => `${name} <${email}>`);
  return `${people.join()}${mapping.isConfident ? '' : '?'}`;
}

const ada = 'Ada Lovelace <ada@example.com>';

test('titles are recognised in five languages, in any order', () => {
  const whole = [
    'Name',
    'NAME ',
    'full_name',
    'Nome',
    'Nome Completo',
    'Vor- und Nachname',
    'Nombre y apellidos',
    'Nom complet',
  ];
  for (const title of whole) assert.equal(read(['E-Mail', title], ['ada@example.com', 'Ada Lovelace']), ada, title);
  const parts = [
    ['First Name', 'Last Name'],
    ['Given Name', 'Family Name'],
    ['Primeiro nome', 'Último nome'],
    ['Nome', 'Sobrenome'],
    ['Nome próprio', 'Apelido'],
    ['Vorname', 'Nachname'],
    ['Vorname', 'Name'],
    ['Nombre', 'Apellidos'],
    ['Prénom', 'Nom'],
    ['PRENOM', 'NOM DE FAMILLE'],
  ];
  for (const [given = '', family = ''] of parts) {
    const email = 'ada@example.com';
    assert.equal(read([given, family, 'mail'], ['Ada', 'Lovelace', email]), ada, given);
    assert.equal(read([family, given, 'mail'], ['Lovelace', 'Ada', email]), ada, given);
  }
  const addresses = [
    'email',
    'Mail',
    'E-Mail-Adresse',
    'Email Address',
    'Endereço de E-mail',
    'E-mail corporativo',
    'Correo electrónico',
    'Dirección de correo electrónico',
    'Adresse de messagerie',
    'Courriel',
    'Adresse électronique',
    'E-mail 1 - Value',
    'Correio eletrónico',
  ];
  for (const title of addresses) assert.equal(read(['Name', title], ['Ada Lovelace', 'ada@example.com']), ada, title);
});

test('the exports of Outlook and Google Contacts need no question', () => {
  assert.equal(
    read(
      [
        'Title',
        'First Name',
        'Middle Name',
        'Last Name',
        'Company',
        'E-mail Address',
        'E-mail Type',
        'E-mail Display Name',
        'E-mail 2 Address',
      ],
      ['', 'Ada', 'King', 'Lovelace', 'Analytical', 'ada@example.com', 'SMTP', 'Ada L. (ada@example.com)', ''],
    ),
    'Ada King Lovelace <ada@example.com>',
  );
  assert.equal(
    read(
      [
        'Anrede',
        'Vorname',
        'Weitere Vornamen',
        'Nachname',
        'Firma',
        'E-Mail-Adresse',
        'E-Mail-Typ',
        'E-Mail: Angezeigter Name',
      ],
      ['Frau', 'Ada', '', 'Lovelace', 'Analytical', 'ada@example.com', 'SMTP', 'Ada'],
    ),
    ada,
  );
  assert.equal(
    read(
      [
        'Name',
        'Given Name',
        'Additional Name',
        'Family Name',
        'Group Membership',
        'E-mail 1 - Type',
        'E-mail 1 - Value',
        'E-mail 2 - Value',
      ],
      ['Ada Lovelace', 'Ada', '', 'Lovelace', '* myContacts', '* Work', 'ada@example.com', ''],
    ),
    ada,
  );
  assert.equal(
    read(
      ['First Name', 'Middle Name', 'Last Name', 'Nickname', 'Labels', 'E-mail 1 - Label', 'E-mail 1 - Value'],
      ['Ada', '', 'Lovelace', 'A', '* myContacts', 'Work', 'ada@example.com'],
    ),
    ada,
  );
});

test('titles of other names than the name of the person are left alone', () => {
  const titles = ['Empresa', 'Nome da empresa', 'Nome da mãe', 'Nome', 'E-mail'];
  assert.equal(read(titles, ['Engenho', 'Engenho SA', 'Anne', 'Ada Lovelace', 'ada@example.com']), ada);
});

test('two columns that are equally full of addresses need a choice', () => {
  assert.equal(
    read(['Name', 'E-Mail privat', 'E-Mail Arbeit'], ['Ada Lovelace', 'ada@example.com', 'a@example.org']),
    `${ada}?`,
  );
});

test('of several columns of addresses the fullest one is taken, and the others are known', () => {
  const table = tableOf(
    ['Name', 'E-Mail 1', 'E-Mail 2', 'E-Mail 3', 'Telefon'],
    ['Ada', 'ada@example.com', '', '', '7'],
    ['Bob', 'bob@example.com', 'bob@example.org', '', '8'],
    ['Cy', '', 'Cy <cy@example.org>', '', '9'],
    ['Di', 'di@example.com', '', '', ''],
  );
  assert.deepEqual(guessColumns(table).columns, ['name', 'email', 'ignore', 'ignore', 'ignore']);
  assert.deepEqual(findAddressColumns(table.rows), [1, 2]);
});

test('a name before the address in one cell is the name, where no column has one', () => {
  for (const cell of [
    'Ada Lovelace <ada@example.com>',
    ' "Ada Lovelace" < ada@example.com > ',
    "'Ada Lovelace' <ada@example.com>;",
  ]) {
    assert.equal(read(['E-Mail'], [cell]), ada, cell);
    const untitled = tableOf([cell], ['Bob <bob@example.com>']);
    assert.deepEqual(guessColumns(untitled), { columns: ['email'], isConfident: true });
  }
  assert.equal(read(['Name', 'E-Mail'], ['Ada Lovelace', 'A. L. <ada@example.com>']), ada);
  assert.equal(read(['Name', 'E-Mail'], ['', 'Ada Lovelace <ada@example.com>']), ada);
  assert.equal(read(['Name', 'E-Mail'], ['Ada Lovelace', '<ada@example.com>']), ada);
});

test('what only resembles a mailbox stays as it is, and shows its fault', () => {
  for (const cell of ['Ada <ada>', 'Ada <ada@example.com', 'Ada <a@example.com>, Bob <b@example.com>']) {
    const people = toPeople(tableOf(['Ada', cell]), { columns: ['name', 'email'], isConfident: true });
    assert.deepEqual(people, [{ line: 1, name: 'Ada', email: cell }]);
  }
});

test('a titled column of addresses without addresses needs a choice', () => {
  assert.equal(read(['Name', 'E-Mail', 'Kontakt'], ['Ada Lovelace', 'yes', 'ada@example.com']), 'Ada Lovelace <yes>?');
});

test('without titles the content decides, and two columns of names need a choice', () => {
  const whole = tableOf(['7', 'ada@example.com', 'Ada Lovelace'], ['8', 'bob@example.com', 'Bob B']);
  assert.deepEqual(guessColumns(whole), { columns: ['ignore', 'email', 'name'], isConfident: true });
  const parts = tableOf(['Ada', 'Lovelace', 'ada@example.com'], ['Bob', 'Brown', 'bob@example.com']);
  assert.deepEqual(guessColumns(parts), { columns: ['givenName', 'familyName', 'email'], isConfident: false });
});

test('titles in unknown words are left out, after a question', () => {
  const table = tableOf(['Jméno', 'Elektronická pošta'], ['Ada Lovelace', 'ada@example.com']);
  assert.deepEqual(guessColumns(table), { headerRow: 0, columns: ['name', 'email'], isConfident: false });
});

test('a table without addresses needs a choice', () => {
  assert.equal(guessColumns(tableOf(['Ada Lovelace', 'London'])).isConfident, false);
});

test('titles below a title of the list are found, and a person may choose other columns', () => {
  const table = tableOf(
    ['E-Mail-Liste 2026'],
    ['Stand: Mai'],
    ['Name', 'E-Mail', 'Chef'],
    ['Ada', 'ada@example.com', 'Bob'],
  );
  assert.equal(guessColumns(table).headerRow, 2);
  const people = toPeople(table, { headerRow: 2, columns: ['ignore', 'email', 'name'], isConfident: true });
  assert.deepEqual(people, [{ line: 4, name: 'Bob', email: 'ada@example.com' }]);
});
