/** Takes the people out of a table. */
import type { ColumnKind, ColumnMapping } from './columns.ts';
import type { Table } from './table.ts';

/** A person in a file, with the text of the file. Nothing is checked yet. */
export interface Person {
  /** The line of the file, or the row of the sheet, from 1. */
  line: number;
  name: string;
  email: string;
}

/**
 * Joins the columns of each row below the titles: given names first, then family names, as they are written in a sentence.
 * @returns the people that have a name or an e-mail address
 */
export function toPeople(table: Table, mapping: ColumnMapping): Person[] {
  const order: ColumnKind[] = ['name', 'givenName', 'familyName'];
  const nameColumns = order.flatMap((kind) => mapping.columns.flatMap((other, at) => (other === kind ? [at] : [])));
  const emailColumn = mapping.columns.indexOf('email');
  const first = mapping.headerRow === undefined ? 0 : mapping.headerRow + 1;
  return table.rows
    .slice(first)
    .map(({ line, cells }) => ({
      line,
      name: nameColumns
        .map((at) => cells[at]?.trim() ?? '')
        .filter((part) => part !== '')
        .join(' '),
      email: cells[emailColumn]?.trim() ?? '',
    }))
    .filter(({ name, email }) => name !== '' || email !== '');
}
