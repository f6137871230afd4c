/** Makes the rows of a job from a table and the choice of its columns, and stores them in batches. */
import { checkField, cleanField, emailKey } from '../../../lib/user-fields.ts';
import type { ColumnMapping } from '../table/columns.ts';
import { toPeople } from '../table/people.ts';
import type { Table } from '../table/table.ts';
import { batchSize } from './batch-requests.ts';
import type { ImportRow } from './job.ts';

/** @returns the rows that may become users, with the faults that need no look at the directory */
export function rowsOf(table: Table, mapping: ColumnMapping): ImportRow[] {
  const cells = new Map(table.rows.map((row) => [row.line, row.cells]));
  const seen = new Map<string, number>();
  return toPeople(table, mapping).map((person) => {
    const { line } = person;
    // The reader sees the text that the API stores.
    const name = cleanField('name', person.name);
    const email = cleanField('email', person.email);
    const nameFault = checkField('name', name);
    const emailFault = checkField('email', email);
    const key = emailKey(email);
    const twiceOf = email === '' ? undefined : seen.get(key);
    if (email !== '' && twiceOf === undefined) seen.set(key, line);
    return { line, name, email, cells: cells.get(line) ?? [], nameFault, emailFault, twiceOf };
  });
}

/** The pages of a job read its rows batch by batch, and each batch as a whole. */
const maxBatchCharacters = 1_000_000;

/** @returns the rows in batches that the API takes, and that are small enough to be read at once */
export function* batchesOf(rows: ImportRow[]): Generator<ImportRow[]> {
  let batch: ImportRow[] = [];
  let characters = 0;
  for (const row of rows) {
    const length = row.cells.reduce((sum, cell) => sum + cell.length, 0);
    if (batch.length === batchSize || (batch.length > 0 && characters + length > maxBatchCharacters)) {
      yield batch;
      batch = [];
      characters = 0;
    }
    batch.push(row);
    characters += length;
  }
  if (batch.length > 0) yield batch;
}
