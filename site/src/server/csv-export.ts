/** GET /export.csv: every user that the list's search finds, streamed page by page from the API. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Api, statusOf } from '../lib/api-client.ts';
import type { UserPage } from '../lib/api-types.ts';
import { byteOrderMark, writeCsvLine } from '../lib/csv.ts';
import { apiQuery, type ListQuery, parseQuery } from '../lib/list-query.ts';
import { sendProblem } from './responses.ts';

/** The API's largest page. The export holds one page in memory at a time. */
const pageSize = 1000;

/**
 * Answers with a CSV file, at the pace at which the reader takes it.
 * @param parameters the query of the list's address; its search and order apply, its page does not
 */
export async function exportCsv(
  api: Pick<Api, 'list'>,
  request: IncomingMessage,
  response: ServerResponse,
  parameters: URLSearchParams,
): Promise<void> {
  const query: ListQuery = { ...parseQuery(parameters), limit: pageSize, cursor: undefined };
  // The status is sent before the file, so the first page is read before both: an API that is away is an error then.
  const first = await api.list(apiQuery(query));
  if (!first.ok) {
    sendProblem(response, statusOf(first.failure), 'The users could not be exported');
    return;
  }
  response.writeHead(200, {
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': `attachment; filename="users-${new Date().toISOString().slice(0, 10)}.csv"`,
    'cache-control': 'no-store',
  });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  try {
    await pipeline(Readable.from(csvPages(api, query, first.answer.body)), response);
  } catch {
    // Cut the connection: a regular end would make an incomplete file look complete.
    response.destroy();
  }
}

async function* csvPages(api: Pick<Api, 'list'>, query: ListQuery, first: UserPage): AsyncGenerator<string> {
  yield byteOrderMark + writeCsvLine(['id', 'name', 'email', 'createdAt', 'updatedAt']);
  let page = first;
  for (;;) {
    yield page.users
      .map((user) => writeCsvLine([user.id, user.name, user.email, user.createdAt, user.updatedAt]))
      .join('');
    if (page.next === null) return;
    const result = await api.list(apiQuery({ ...query, cursor: page.next }));
    if (!result.ok) throw new Error('The API stopped answering during the export');
    page = result.answer.body;
  }
}
