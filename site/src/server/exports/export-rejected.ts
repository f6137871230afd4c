/** GET /import/…/rejected: the rows that an import left out, with their cells as in the file and a column for the reason. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { defaultLanguage, isLanguage } from '../../i18n/index.ts';
import { byteOrderMark, writeCsvLine } from '../../lib/csv.ts';
import { groupOf, isRejected, rowText } from '../../lib/import-texts.ts';
import { type Job, mayUse } from '../imports/jobs/job.ts';
import type { JobStore } from '../imports/jobs/job-store.ts';
import { reportRows } from '../imports/jobs/report.ts';
import type { Person } from '../sessions/recognize.ts';
import { delimiterOf, type ExportStyle, exportStyle } from './export-style.ts';

const rejectedPath = /^(?:\/([a-z]{2}(?:-[a-z]{2})?))?\/import\/([\w-]{22})\/rejected$/;
/** A piece for each line would cost more than the line. */
const pieceCharacters = 65_536;

/** @returns whether a path is the one of such a file. @param path the request's path, without its query */
export function isRejectedPath(path: string): boolean {
  return rejectedPath.test(path);
}

/**
 * Answers with the file, at the pace at which the reader takes it. A page of Astro would hold all of it in memory.
 * @param path the request's path, without its query
 * @param person who asks; undefined while AUTH is off
 * @returns false if the path is not the one of a job that the person may use and that has ended a step
 */
export async function exportRejected(
  store: JobStore,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  person: Pick<Person, 'id' | 'role'> | undefined,
): Promise<boolean> {
  const [, prefix = defaultLanguage, id] = rejectedPath.exec(path) ?? [];
  const job = store.get(id);
  if (!isLanguage(prefix) || !job || !mayUse(job, person) || job.state === 'working') return false;
  const style = exportStyle(prefix, request.headers);
  response.writeHead(200, {
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': `attachment; filename="${style.t.importing.rejectedFile}.csv"`,
    'cache-control': 'no-store',
  });
  if (request.method === 'HEAD') {
    response.end();
    return true;
  }
  try {
    await pipeline(Readable.from(inPieces(lines(store, job, style))), response);
  } catch {
    // Cut the connection: a regular end would make an incomplete file look complete.
    response.destroy();
  }
  return true;
}

async function* lines(store: JobStore, job: Job, style: ExportStyle): AsyncGenerator<string> {
  const { t } = style;
  const delimiter = delimiterOf(style);
  const widen = (cells: string[]) => Array.from({ length: job.columns }, (_, column) => cells[column] ?? '');
  const { headerRow } = job.mapping;
  yield byteOrderMark;
  if (headerRow !== undefined) {
    yield writeCsvLine([...widen(job.head[headerRow]?.cells ?? []), t.importing.reason], delimiter);
  }
  for await (const report of reportRows(store, job)) {
    if (!isRejected(groupOf(report, job))) continue;
    yield writeCsvLine([...widen(report.row.cells), rowText(report, job, t)], delimiter);
  }
}

async function* inPieces(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let piece = '';
  for await (const text of texts) {
    piece += text;
    if (piece.length < pieceCharacters) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}
