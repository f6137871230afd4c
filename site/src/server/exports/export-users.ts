/**
 * GET /export.csv and /export.xlsx: every user that the list's search finds, streamed page by page from the API. POST: the
 * users that the reader has selected.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { defaultLanguage } from '../../i18n/index.ts';
import { type Api, statusOf } from '../../lib/api-client.ts';
import type { User, UserPage } from '../../lib/api-types.ts';
import { byteOrderMark, writeCsvLine } from '../../lib/csv.ts';
import { parsePositiveInteger } from '../../lib/form-data.ts';
import { apiQuery, type ListQuery, parseQuery } from '../../lib/list-query.ts';
import { sendProblem } from '../responses.ts';
import { dateWriter, delimiterOf, type ExportStyle, exportLanguage, exportStyle, wallClock } from './export-style.ts';
import { writeXlsx } from './xlsx-writer.ts';

/** The API's largest page. The export holds one page in memory at a time. */
const pageSize = 1000;

/** The formats by the path of their route. */
const formats = {
  '/export.csv': { extension: 'csv', type: 'text/csv; charset=utf-8' },
  '/export.xlsx': {
    extension: 'xlsx',
    type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  },
} as const;

/** The path of an export. */
export type ExportPath = keyof typeof formats;

/** @returns whether a path is the one of an export */
export function isExportPath(path: string): path is ExportPath {
  return Object.hasOwn(formats, path);
}

/**
 * Answers with a file, at the pace at which the reader takes it.
 * @param parameters the query of the list's address; its search and order apply, its page does not. `lang` names the language
 *   of the reader. A CSV file without it is for programs: commas, the API's names, and times in UTC.
 * @param only ids of the users to export, whatever the search; undefined for all that it finds
 */
export async function exportUsers(
  api: Pick<Api, 'list'>,
  request: IncomingMessage,
  response: ServerResponse,
  path: ExportPath,
  parameters: URLSearchParams,
  only?: ReadonlySet<number>,
): Promise<void> {
  if (only) parameters.delete('q');
  const query: ListQuery = { ...parseQuery(parameters), limit: pageSize, cursor: undefined };
  // The status is sent before the file, so the first page is read before both: an API that is away is an error then.
  const first = await api.list(apiQuery(query));
  if (!first.ok) {
    sendProblem(response, statusOf(first.failure), 'The users could not be exported');
    return;
  }
  const language = exportLanguage(parameters);
  const style = exportStyle(language ?? defaultLanguage, request.headers);
  const { extension, type } = formats[path];
  response.writeHead(200, {
    'content-type': type,
    'content-disposition': `attachment; filename="${fileName(style)}.${extension}"`,
    'cache-control': 'no-store',
  });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const all = readPages(api, query, first.answer.body);
  const pages = only ? selectFrom(all, only) : all;
  const file =
    extension === 'xlsx' ? xlsxFile(pages, style) : csvFile(pages, language === undefined ? undefined : style);
  try {
    await pipeline(Readable.from(file), response);
  } catch {
    // Cut the connection: a regular end would make an incomplete file look complete.
    response.destroy();
  }
}

/** @returns a name without accents, such as `usuarios-2026-11-26` */
function fileName(style: ExportStyle): string {
  const title = style.t.list.title
    .toLowerCase()
    .normalize('NFD')
    .replace(/[^a-z]/g, '');
  return `${title}-${new Date(wallClock(style)(new Date().toISOString())).toISOString().slice(0, 10)}`;
}

async function* readPages(api: Pick<Api, 'list'>, query: ListQuery, first: UserPage): AsyncGenerator<User[]> {
  let page = first;
  for (;;) {
    yield page.users;
    if (page.next === null) return;
    const result = await api.list(apiQuery({ ...query, cursor: page.next }));
    if (!result.ok) throw new Error('The API stopped answering during the export');
    page = result.answer.body;
  }
}

/**
 * Takes the ids that a form of the list names: the checked boxes as fields `id`, and the users selected on other pages of the
 * list in one field `ids`, with commas between them.
 */
export function readSelection(form: URLSearchParams): ReadonlySet<number> {
  const texts = [...form.getAll('id'), ...(form.get('ids')?.split(',') ?? [])];
  return new Set(texts.flatMap((text) => parsePositiveInteger(text) ?? []));
}

/**
 * Picks users out of the pages of the list, and stops after the last one. One request brings a thousand users, so this takes
 * fewer requests than reading each selected user, and never more than the export of all.
 */
async function* selectFrom(pages: AsyncIterable<User[]>, ids: ReadonlySet<number>): AsyncGenerator<User[]> {
  let left = ids.size;
  if (left === 0) return;
  for await (const users of pages) {
    const chosen = users.filter(({ id }) => ids.has(id));
    yield chosen;
    left -= chosen.length;
    if (left <= 0) return;
  }
}

/** @returns the titles of the columns, in the words of the pages */
function titlesOf({ t }: ExportStyle): string[] {
  const { id, name, email, createdAt } = t.list.columns;
  return [id, name, email, createdAt, t.form.updated];
}

async function* csvFile(pages: AsyncIterable<User[]>, style: ExportStyle | undefined): AsyncGenerator<string> {
  const delimiter = style ? delimiterOf(style) : ',';
  const date = style ? dateWriter(style) : (iso: string) => iso;
  const titles = style ? titlesOf(style) : ['id', 'name', 'email', 'createdAt', 'updatedAt'];
  yield byteOrderMark + writeCsvLine(titles, delimiter);
  for await (const users of pages) {
    yield users
      .map(({ id, name, email, createdAt, updatedAt }) =>
        writeCsvLine([id, name, email, date(createdAt), date(updatedAt)], delimiter),
      )
      .join('');
  }
}

function xlsxFile(pages: AsyncIterable<User[]>, style: ExportStyle): AsyncGenerator<Uint8Array> {
  const clock = wallClock(style);
  const sheet = { name: style.t.list.title, titles: titlesOf(style), widths: [10, 32, 36, 18, 18] };
  async function* rows() {
    for await (const users of pages) {
      yield users.map(({ id, name, email, createdAt, updatedAt }) => [
        id,
        name,
        email,
        { date: clock(createdAt) },
        { date: clock(updatedAt) },
      ]);
    }
  }
  return writeXlsx(sheet, rows());
}
