/** GET /export.csv: every user that the list's search finds, page by page from the API, as fast as the reader takes it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Api, statusOf } from '../lib/api-client.ts';
import type { UserPage } from '../lib/api-types.ts';
import { byteOrderMark, writeCsvLine } from '../lib/csv.ts';
import { apiQuery, type ListQuery, parseQuery } from '../lib/list-query.ts';
import { sendProblem } from './responses.ts';

const pageSize = 1000;

export async function exportCsv(
  api: Pick<Api, 'list'>,
  request: IncomingMessage,
  response: ServerResponse,
  parameters: URLSearchParams,
): Promise<void> {
  const query: ListQuery = { ...parseQuery(parameters), limit: pageSize, cursor: undefined };
  // The first page comes before the headers, so that an API that is down is told as an error and not as an empty file.
  const first = await api.list(apiQuery(query));
  if (!first.ok) {
    sendProblem(response, statusOf(first.failure), 'The users could not be exported');
    return;
  }
  const zipped = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  response.writeHead(200, {
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': `attachment; filename="users-${new Date().toISOString().slice(0, 10)}.csv"`,
    'cache-control': 'no-store',
    ...(zipped ? { 'content-encoding': 'gzip' } : {}),
  });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const lines = Readable.from(pages(api, query, first.answer.body));
  try {
    await (zipped ? pipeline(lines, createGzip({ level: 4 }), response) : pipeline(lines, response));
  } catch {
    // A cut connection is how the reader learns that the file is not whole.
    response.destroy();
  }
}

async function* pages(api: Pick<Api, 'list'>, query: ListQuery, first: UserPage): AsyncGenerator<string> {
  yield byteOrderMark + writeCsvLine(['id', 'name', 'email', 'createdAt', 'updatedAt']);
  let page = first;
  for (;;) {
    yield page.users
      .map((user) => writeCsvLine([user.id, user.name, user.email, user.createdAt, user.updatedAt]))
      .join('');
    if (page.next === null) return;
    const result = await api.list(apiQuery({ ...query, cursor: page.next }));
    if (!result.ok) throw new Error('The API stopped answering');
    page = result.answer.body;
  }
}
