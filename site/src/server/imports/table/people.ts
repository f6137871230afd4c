/** Takes the people out of a table. */
import type { ColumnKind, ColumnMapping } from './columns.ts';
import { parseMailbox } from './mailbox.ts';
import type { Table } from './table.ts';

/** A person in a file, with the text of the file. Nothing is checked yet. */
export interface Person {
  /** The row of the sheet or of the text file, from 1. */
  line: number;
  name: string;
  email: string;
}

/**
 * Joins the columns of each row below the titles: given names first, then family names, as they are written in a sentence. A
 * name that stands before the address in one cell counts where the row has no other.
 * @returns the people that have a name or an e-mail address
 */
export function toPeople(table: Table, mapping: ColumnMapping): Person[] {
  const order: ColumnKind[] = ['name', 'givenName', 'familyName'];
  const nameColumns = order.flatMap((kind) => mapping.columns.flatMap((other, at) => (other === kind ? [at] : [])));
  const emailColumn = mapping.columns.indexOf('email');
  const first = mapping.headerRow === undefined ? 0 : mapping.headerRow + 1;
  return table.rows
    .slice(first)
    .map(({ line, cells }) => {
      const email = cells[emailColumn]?.trim() ?? '';
      const mailbox = parseMailbox(email);
      const name = nameColumns
        .map((at) => cells[at]?.trim() ?? '')
        .filter((part) => part !== '')
        .join(' ');
      return { line, name: name || (mailbox?.name ?? ''), email: mailbox?.address ?? email };
    })
    .filter(({ name, email }) => name !== '' || email !== '');
}
