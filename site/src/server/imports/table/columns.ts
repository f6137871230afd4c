/** Guesses which columns of a table hold names and e-mail addresses. */
import { meaningOf, type TitleMeaning } from './column-titles.ts';
import { holdsAddress, parseMailbox } from './mailbox.ts';
import type { Table, TableRow } from './table.ts';

/** The content of a column. */
export type ColumnKind = TitleMeaning | 'ignore';

/** The columns of a table, as guessed or as a person chose them. */
export interface ColumnMapping {
  /** The index in `rows` of the row with the titles. The rows above it are no people. Without it, every row is a person. */
  headerRow?: number;
  /** The content of each column, from the left. */
  columns: ColumnKind[];
  /** Whether the guess is good enough to go on without asking. A mapping that a person chose is confident. */
  isConfident: boolean;
}

/** How many rows below the titles the guess looks at. */
const sampleRows = 200;
/** How many rows may stand above the titles. */
const maxRowsAbove = 30;

/**
 * Guesses the columns by their titles in five languages, and by their content where there are no titles.
 * @param table at least one row
 */
export function guessColumns(table: Table): ColumnMapping {
  const headerRow = findTitles(table.rows);
  const content = columnsOf(table.rows, headerRow === undefined ? 0 : headerRow + 1);
  if (headerRow === undefined) return guessByContent(table.rows, content);
  const titles = content.map((_, at) => meaningOf(table.rows[headerRow]?.cells[at] ?? ''));
  const email = chooseEmail(content, titles);
  const names = chooseNames(content, titles);
  if (email.at === undefined || (names.length === 0 && !hasMailboxes(content[email.at]))) {
    const guess = guessByContent(table.rows, content);
    return { ...guess, headerRow, isConfident: false };
  }
  const columns = content.map((_, at): ColumnKind => (at === email.at ? 'email' : (names[at] ?? 'ignore')));
  return { headerRow, columns, isConfident: email.isClear };
}

/** @returns the indexes of the columns in which some cell is an address, for a person who wants another one than the guess */
export function findAddressColumns(rows: TableRow[]): number[] {
  const found = new Set<number>();
  for (const { cells } of rows) {
    for (const [at, cell] of cells.entries()) {
      if (cell.includes('@') && !found.has(at) && holdsAddress(cell)) found.add(at);
    }
  }
  return [...found].sort((a, b) => a - b);
}

/** @returns the index of the first row that has a title of an address, or else of two parts of a name, and no address */
function findTitles(rows: TableRow[]): number | undefined {
  const found = rows.slice(0, maxRowsAbove).map(({ cells }) => {
    const meanings = new Set(cells.map(meaningOf).filter((meaning) => meaning !== undefined));
    if (cells.some(holdsAddress)) return 0;
    return (meanings.has('email') ? 2 : 0) + Math.min(2, meanings.size);
  });
  const best = Math.max(...found);
  return best >= 2 ? found.indexOf(best) : undefined;
}

/** The content of one column, in the sample. */
interface ColumnContent {
  addresses: number;
  /** Cells with an address and a name before it. */
  mailboxes: number;
  /** Cells that could be the name of a person. */
  names: number;
  /** Cells that could be a name of two words or more. */
  fullNames: number;
  filled: number;
}

function columnsOf(rows: TableRow[], from: number): ColumnContent[] {
  const sample = rows.slice(from, from + sampleRows);
  const width = Math.max(0, ...rows.slice(0, from + sampleRows).map(({ cells }) => cells.length));
  return Array.from({ length: width }, (_, at) => {
    const cells = sample.map((row) => row.cells[at]?.trim() ?? '').filter((cell) => cell !== '');
    const names = cells.filter((cell) => /\p{L}/u.test(cell) && !/[\d@/\\_=]/.test(cell));
    return {
      addresses: cells.filter(holdsAddress).length,
      mailboxes: cells.filter((cell) => parseMailbox(cell)?.name).length,
      names: names.length,
      fullNames: names.filter((name) => /\p{L}[.,]?\s+\p{L}/u.test(name)).length,
      filled: cells.length,
    };
  });
}

/** Whether a column of addresses holds the names, too, so that no other column needs to. */
function hasMailboxes(content: ColumnContent | undefined): boolean {
  return content !== undefined && content.mailboxes * 2 > content.filled;
}

/** Chooses the column with the most addresses among the titled ones. Two that are equally full need a person's choice. */
function chooseEmail(
  content: ColumnContent[],
  titles: (TitleMeaning | undefined)[],
): { at?: number; isClear: boolean } {
  const candidates = content
    .map(({ addresses, filled }, at) => ({ addresses, filled, at }))
    .filter(({ at }) => titles[at] === 'email')
    .sort((a, b) => b.addresses - a.addresses);
  const [first, second] = candidates;
  if (!first) return { isClear: false };
  const isClear = first.addresses * 2 >= first.filled && (second === undefined || second.addresses < first.addresses);
  return { at: first.at, isClear };
}

/** @returns the kinds of the columns of the name, by their index; empty if no title names one */
function chooseNames(content: ColumnContent[], titles: (TitleMeaning | undefined)[]): ColumnKind[] {
  const having = (meaning: TitleMeaning) => titles.flatMap((title, at) => (title === meaning ? [at] : []));
  const given = having('givenName');
  const family = having('familyName');
  // Of several titles of a whole name, the first counts: `Employee` before `Name` of a manager.
  const [whole] = having('name');
  const kinds: ColumnKind[] = [];
  const isComplete = given.length > 0 && family.length > 0;
  const filled = (at: number) => content[at]?.filled ?? 0;
  if (whole !== undefined && (!isComplete || filled(whole) >= Math.max(...given.map(filled)))) {
    // `Nome` beside `Sobrenome` is the given name, and `Nom` beside `Prénom` is the family name.
    const isPart = !isComplete && given.length + family.length > 0;
    kinds[whole] = !isPart ? 'name' : given.length > 0 ? 'familyName' : 'givenName';
    if (!isPart) return kinds;
  }
  for (const at of given) kinds[at] = 'givenName';
  for (const at of family) kinds[at] = 'familyName';
  return kinds;
}

/** Takes the column with the most addresses, and the most name-like ones beside it. */
function guessByContent(rows: TableRow[], content: ColumnContent[]): ColumnMapping {
  const most = Math.max(0, ...content.map(({ addresses }) => addresses));
  const emailAt = most === 0 ? -1 : content.findIndex(({ addresses }) => addresses === most);
  const named = content
    .map(({ names, fullNames, filled }, at) => ({ names, fullNames, filled, at }))
    .filter(({ names, filled, at }) => at !== emailAt && names > 0 && names * 2 > filled);
  const [full] = named.toSorted((a, b) => b.fullNames - a.fullNames);
  const isFull = full !== undefined && full.fullNames * 2 > full.names;
  const kinds: ColumnKind[] = [];
  if (emailAt !== -1) kinds[emailAt] = 'email';
  const isNamed = hasMailboxes(content[emailAt]);
  if (full && !isNamed && (isFull || named.length === 1)) kinds[full.at] = 'name';
  else if (!isNamed)
    for (const [index, { at }] of named.slice(0, 2).entries()) kinds[at] = index === 0 ? 'givenName' : 'familyName';
  // A first row without an address, above rows that have one, holds titles in words that the site does not know.
  const sample = rows.slice(0, sampleRows);
  const isUntitled = sample.every(({ cells }) => holdsAddress(cells[emailAt] ?? ''));
  const firstAddress = sample.findIndex(({ cells }) => holdsAddress(cells[emailAt] ?? ''));
  return {
    ...(firstAddress > 0 && { headerRow: firstAddress - 1 }),
    columns: content.map((_, at) => kinds[at] ?? 'ignore'),
    isConfident: isUntitled && named.length === (isNamed ? 0 : 1),
  };
}
