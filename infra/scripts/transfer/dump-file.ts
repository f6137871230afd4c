/**
 * The file of a backup: gzip, and in it one line of JSON for each fact. The first line describes the tables. For each table follow
 * its name, its rows and their sum; the last line says that the file is complete. Both engines write the same lines.
 * @see infra/docs/decisions/045-backup-restore-move.md
 */
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import {
  batchRows,
  checkRow,
  type DirectoryContent,
  type RowBatch,
  RowSum,
  type Table,
  type TableContent,
} from './tables.ts';

const format = 'cadastro-backup';
const formatVersion = 1;

/** Higher levels take twice as long for a file that is a tenth smaller. */
const gzipLevel = 4;
const pieceCharacters = 65_536;
/** Far above any row: the largest ones are answers that the API keeps, of about a megabyte. */
const maxLineCharacters = 33_554_432;
/** A directory whose numbers come near the end of the exact ones (2 ** 53) could number no new rows. */
const maxLastNumber = 2 ** 52;

/** The first line of a backup. */
export interface DumpHeader {
  readonly format: typeof format;
  readonly formatVersion: number;
  /** ISO 8601 in UTC. */
  readonly createdAt: string;
  readonly engine: string;
  /** The names of the migrations that have made the tables. */
  readonly migrations: readonly string[];
  readonly tables: readonly TableContent[];
}

/** A backup cannot be read; the message says why. */
export class DumpError extends Error {
  override readonly name = 'DumpError';
}

/**
 * Writes a backup.
 * @param onRows called with the number of rows of each batch
 * @throws {InvalidContent} when nobody could restore a row
 */
export async function writeDump(
  content: DirectoryContent,
  facts: Pick<DumpHeader, 'createdAt' | 'engine' | 'migrations'>,
  output: NodeJS.WritableStream,
  onRows: (rows: number) => void,
): Promise<void> {
  const header: DumpHeader = { format, formatVersion, ...facts, tables: content.tables };
  await pipeline(() => inPieces(linesOf(header, content, onRows)), createGzip({ level: gzipLevel }), output);
}

async function* linesOf(header: DumpHeader, content: DirectoryContent, onRows: (rows: number) => void) {
  yield JSON.stringify(header);
  let table: Table | undefined;
  let sum = new RowSum();
  for await (const batch of content.read()) {
    if (batch.table !== table) {
      if (table !== undefined) yield endOf(table, sum);
      table = batch.table;
      sum = new RowSum();
      yield JSON.stringify({ table: table.name });
    }
    for (const row of batch.rows) {
      checkRow(table, row);
      const line = JSON.stringify(row);
      sum.add(line);
      yield line;
    }
    onRows(batch.rows.length);
  }
  if (table !== undefined) yield endOf(table, sum);
  yield JSON.stringify({ complete: true });
}

function endOf({ name }: Table, { rows, sha256 }: RowSum): string {
  return JSON.stringify({ end: name, rows, sha256 });
}

/** Joins lines, because each piece of a stream costs as much as a hundred lines. */
async function* inPieces(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let piece = '';
  for await (const line of lines) {
    piece += `${line}\n`;
    if (piece.length < pieceCharacters) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}

/** A backup whose first line has been read. */
export interface Dump extends DirectoryContent {
  readonly header: DumpHeader;
}

/**
 * Opens a backup, which can be read once.
 * @param input the bytes of the file
 * @throws {DumpError} when the bytes are no backup, are damaged or end too early; also while the rows are read
 */
export async function openDump(input: Readable): Promise<Dump> {
  const gunzip = createGunzip({ rejectGarbageAfterEnd: true });
  input.on('error', (error) => gunzip.destroy(error));
  const lines = linesFrom(input.pipe(gunzip));
  const header = parseHeader((await lines.next()).value);
  return { header, tables: header.tables, read: () => readBatches(header, lines) };
}

function parseHeader(line: string | undefined): DumpHeader {
  const found: Partial<DumpHeader> = line === undefined ? {} : parseObject(line);
  if (found.format !== format) throw new DumpError('it is not a backup of cadastro');
  if (found.formatVersion !== formatVersion) {
    throw new DumpError(`its form has the version ${found.formatVersion}, and this program reads ${formatVersion}`);
  }
  const { createdAt, migrations, tables } = found;
  const isWhole =
    typeof createdAt === 'string' &&
    /^[\dT:.-]{1,30}Z$/.test(createdAt) &&
    isList(migrations, (name) => typeof name === 'string') &&
    migrations.length > 0 &&
    isList(tables, isTableContent);
  if (!isWhole) throw new DumpError('its first line is damaged');
  return found as DumpHeader;
}

function isList(value: unknown, isItem: (item: unknown) => boolean): value is readonly unknown[] {
  return Array.isArray(value) && value.every(isItem);
}

function isTableContent(value: unknown): boolean {
  const { rows, lastNumber } = (value ?? {}) as Partial<TableContent>;
  const isCount = (count: unknown, most: number) =>
    Number.isInteger(count) && Number(count) >= 0 && Number(count) <= most;
  return isCount(rows, Number.MAX_SAFE_INTEGER) && isCount(lastNumber, maxLastNumber);
}

async function* readBatches({ tables }: DumpHeader, lines: AsyncIterator<string>): AsyncGenerator<RowBatch> {
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done) throw new DumpError('it is cut short');
    return value;
  };
  const seen = new Set<Table>();
  for (;;) {
    const begin: { complete?: true; table?: string } = parseObject(await next());
    if (begin.complete) {
      const missing = tables.find((table) => table.rows > 0 && !seen.has(table));
      if (missing !== undefined) throw new DumpError(`the table ${missing.name} is missing`);
      if (!(await lines.next()).done) throw new DumpError('it goes on after its end');
      return;
    }
    const table = tables.find(({ name }) => name === begin.table);
    if (table === undefined) throw new DumpError('a table of it is not in its first line');
    if (seen.has(table)) throw new DumpError(`the table ${table.name} is there twice`);
    seen.add(table);
    const sum = new RowSum();
    let rows: RowBatch['rows'][number][] = [];
    for (;;) {
      const line = await next();
      if (!line.startsWith('[')) {
        if (rows.length > 0) yield { table, rows };
        const end: { end?: string; rows?: number; sha256?: string } = parseObject(line);
        if (end.end !== table.name || end.rows !== sum.rows || end.rows !== table.rows || end.sha256 !== sum.sha256) {
          throw new DumpError(`the rows of the table ${table.name} differ from their sum`);
        }
        break;
      }
      sum.add(line);
      rows.push(parse(line) as RowBatch['rows'][number]);
      if (rows.length < batchRows) continue;
      yield { table, rows };
      rows = [];
    }
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new DumpError('a line of it is damaged');
  }
}

function parseObject(line: string): object {
  const value = parse(line);
  if (typeof value === 'object' && value !== null) return value;
  throw new DumpError('a line of it is damaged');
}

async function* linesFrom(stream: Readable): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for await (const chunk of stream) {
      const [first = '', ...others] = decoder.decode(chunk as Buffer, { stream: true }).split('\n');
      rest += first;
      for (const other of others) {
        yield rest;
        rest = other;
      }
      if (rest.length > maxLineCharacters) throw new DumpError('a line of it is too long');
    }
    if (rest !== '') yield rest;
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_TRAILING_JUNK_AFTER_STREAM_END') throw new DumpError('it goes on after its end');
    if (code === 'Z_BUF_ERROR') throw new DumpError('it is cut short');
    if (code.startsWith('Z_')) throw new DumpError(`it is damaged, or not a backup of cadastro (${message})`);
    throw error;
  }
}
