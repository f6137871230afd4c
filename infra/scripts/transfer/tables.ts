/** Reads the tables of a directory, in the same form from both engines. */
import { createHash, type Hash } from 'node:crypto';
import { isRole } from '#lib/accounts/roles.ts';
import type { DatabaseConfig } from '#lib/config.ts';
import type { Connection, Row, Value } from '#lib/database/engine.ts';

/** The kind of a database. */
export type EngineName = DatabaseConfig['engine'];

/** A table that holds data of the directory. */
export interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  /** The columns of the primary key, in its order. */
  readonly key: readonly string[];
  /** Whether the database numbers new rows, in the first column of the key, and never gives a number twice. */
  readonly isNumbered: boolean;
}

/** A table and the amount of its data. */
export interface TableContent extends Table {
  readonly rows: number;
  /** The highest number that the database has given to a row, also to one that is deleted; 0 without such numbers. */
  readonly lastNumber: number;
}

/** The rows of a table as lists of values, in the order of the columns. */
export interface RowBatch {
  readonly table: Table;
  readonly rows: readonly (readonly Value[])[];
}

/** Everything that a directory holds. */
export interface DirectoryContent {
  readonly tables: readonly TableContent[];
  /** @returns every row, table by table, in the order of the primary keys */
  read(): AsyncIterable<RowBatch>;
}

/** The content is not that of a directory, because somebody has changed it; the message says what is wrong. */
export class InvalidContent extends Error {
  override readonly name = 'InvalidContent';
}

/**
 * @param found names, columns and keys that a file claims; SQL is made of them
 * @param known those that the migrations make
 * @throws {InvalidContent} when they differ
 */
export function checkTables(found: readonly Table[], known: readonly Table[]): void {
  const form = (tables: readonly Table[]) =>
    tables.map(({ name, columns, key, isNumbered }) => JSON.stringify([name, columns, key, isNumbered])).sort();
  if (form(found).join() !== form(known).join()) throw new InvalidContent('its tables are not those of a directory');
}

/**
 * @param row from a file, as JSON, or from a database, in which somebody can store what the API would not
 * @throws {InvalidContent} when a value is missing, is no text and no exact number, or names a role that there is not
 */
export function checkRow({ name, columns, key }: Table, row: readonly unknown[]): void {
  const isValue = (value: unknown) =>
    value === null ||
    typeof value === 'string' ||
    (typeof value === 'number' && (Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value)));
  if (row.length !== columns.length || !row.every(isValue)) {
    const place = key.map((column) => `${column} ${String(row[columns.indexOf(column)]).slice(0, 64)}`);
    throw new InvalidContent(`a row of the table ${name} is not valid (${place})`);
  }
  const role = columns.indexOf('role');
  if (role !== -1 && !isRole(row[role])) throw new InvalidContent(`the table ${name} has a role that there is not`);
}

/** How many rows one statement reads or writes. */
export const batchRows = 500;

/** Tables that belong to one database and not to the directory in it, or whose rows are made from those of another table. */
const ownTables = [
  ...['cache_state', 'knex_migrations', 'knex_migrations_lock'],
  ...['user_change_index', 'user_change_index_end'],
];

const listColumns = `SELECT list.name AS "table", field.name AS "column", field.pk AS place,
    (SELECT sql FROM sqlite_schema WHERE name = list.name) LIKE '%autoincrement%' AS numbered
  FROM pragma_table_list AS list JOIN pragma_table_xinfo(list.name) AS field
  WHERE list.schema = 'main' AND list.type = 'table' AND list.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND field.hidden = 0
  ORDER BY list.name, field.cid`;

/**
 * Lists the tables of a SQLite database. The migrations make the same ones on both engines, so the list holds for PostgreSQL, too.
 * Virtual tables, their shadows and generated columns are derived from data, and are left out.
 */
export async function listTables(sqlite: Connection): Promise<Table[]> {
  const fields = await sqlite.all<Row & { table: string; column: string; place: number; numbered: number }>(
    listColumns,
  );
  const byTable = Map.groupBy(
    fields.filter(({ table }) => !ownTables.includes(table)),
    ({ table }) => table,
  );
  return [...byTable].map(([name, columns]) => ({
    name,
    columns: columns.map(({ column }) => column),
    key: columns
      .filter(({ place }) => place > 0)
      .sort((a, b) => a.place - b.place)
      .map(({ column }) => column),
    isNumbered: columns.some(({ numbered }) => numbered === 1),
  }));
}

/** @returns the content of a database; `connection` must show one state of the database as long as the content is read */
export async function contentOf(
  connection: Connection,
  engine: EngineName,
  tables: readonly Table[],
): Promise<DirectoryContent> {
  const contents: TableContent[] = [];
  for (const table of tables) {
    const rows = await countRows(connection, table);
    contents.push({
      ...table,
      rows,
      lastNumber: table.isNumbered ? await readLastNumber(connection, engine, table) : 0,
    });
  }
  return { tables: contents, read: () => readTables(connection, contents) };
}

async function* readTables(connection: Connection, tables: readonly Table[]): AsyncGenerator<RowBatch> {
  for (const table of tables) yield* readRows(connection, table);
}

/** @returns all rows of a table, in the order of its primary key */
export async function* readRows(connection: Connection, table: Table): AsyncGenerator<RowBatch> {
  const { columns, key } = table;
  const select = `SELECT ${names(columns)} FROM ${names([table.name])}`;
  const order = `ORDER BY ${names(key)} LIMIT ${batchRows}`;
  let found = await connection.all(`${select} ${order}`);
  while (found.length > 0) {
    yield { table, rows: found.map((row) => columns.map((column) => row[column] as Value)) };
    const last = found.at(-1) as Row;
    const after = key.map((column) => last[column] as Value);
    found = await connection.all(`${select} WHERE ${isAfter(key)} ${order}`, ...after);
  }
}

/** Inserts the rows of one batch. */
export async function insertRows(connection: Connection, { table, rows }: RowBatch): Promise<void> {
  const row = `(${table.columns.map(() => '?').join(', ')})`;
  const values = rows.map(() => row).join(', ');
  await connection.run(`INSERT INTO ${names([table.name])} (${names(table.columns)}) VALUES ${values}`, ...rows.flat());
}

/** Deletes all rows of a table, in pieces that each take a moment. @param onDeleted called with the number of rows of each piece */
export async function deleteRows(
  connection: Connection,
  table: Table,
  onDeleted: (rows: number) => void,
): Promise<void> {
  const { key } = table;
  const from = `FROM ${names([table.name])}`;
  let after: Value[] = [];
  for (;;) {
    const where = after.length > 0 ? `WHERE ${isAfter(key)}` : '';
    const next = await connection.get(
      `SELECT ${names(key)} ${from} ${where} ORDER BY ${names(key)} LIMIT 1 OFFSET ${10 * batchRows}`,
      ...after,
    );
    const end = next && key.map((column) => next[column] as Value);
    const upTo = end && `(${names(key)}) <= (${key.map(() => '?').join(', ')})`;
    const conditions = [after.length > 0 && isAfter(key), upTo].filter(Boolean).join(' AND ');
    const { changes } = await connection.run(
      `DELETE ${from} ${conditions && `WHERE ${conditions}`}`,
      ...after,
      ...(end ?? []),
    );
    onDeleted(changes);
    if (end === undefined) return;
    after = end;
  }
}

/** @returns how many rows a table has */
export async function countRows(connection: Connection, { name }: Table): Promise<number> {
  return (await connection.get<Row & { rows: number }>(`SELECT count(*) AS rows FROM ${names([name])}`))?.rows ?? 0;
}

async function readLastNumber(connection: Connection, engine: EngineName, { name, key }: Table): Promise<number> {
  if (engine === 'sqlite') {
    const row = await connection.get<Row & { seq: number }>('SELECT seq FROM sqlite_sequence WHERE name = ?', name);
    return row?.seq ?? 0;
  }
  const row = await connection.get<Row & { last: number | null }>(
    `SELECT pg_sequence_last_value(pg_get_serial_sequence(?, ?)::regclass) AS last`,
    names([name]),
    key[0] as string,
  );
  return row?.last ?? 0;
}

/** Lets the database number new rows from the next number on, unless it has come further already. */
export async function raiseLastNumber(
  connection: Connection,
  engine: EngineName,
  { name, key, lastNumber }: Pick<TableContent, 'name' | 'key' | 'lastNumber'>,
): Promise<void> {
  if (lastNumber === 0) return;
  if (engine === 'sqlite') {
    await connection.run(
      'INSERT INTO sqlite_sequence (name, seq) SELECT ?, 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?)',
      name,
      name,
    );
    await connection.run('UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?', lastNumber, name);
    return;
  }
  await connection.get(
    `SELECT setval(sequence, greatest(?::bigint, pg_sequence_last_value(sequence)))
     FROM (SELECT pg_get_serial_sequence(?, ?)::regclass AS sequence) AS found`,
    lastNumber,
    names([name]),
    key[0] as string,
  );
}

/** Counts the rows of a table, and makes a sum of them that differs when a value, a row or their order differs. */
export class RowSum {
  readonly #hash: Hash = createHash('sha256');
  rows = 0;

  /** @param line one row as JSON */
  add(line: string): void {
    this.#hash.update(line).update('\n');
    this.rows++;
  }

  /** @returns the sum of all rows so far: SHA-256, in hexadecimal digits */
  get sha256(): string {
    return this.#hash.copy().digest('hex');
  }
}

/** @returns identifiers for SQL, separated by commas */
function names(identifiers: readonly string[]): string {
  return identifiers.map((identifier) => `"${identifier}"`).join(', ');
}

function isAfter(key: readonly string[]): string {
  return `(${names(key)}) > (${key.map(() => '?').join(', ')})`;
}
