import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { Api } from '../../lib/api-client.ts';
import type { User } from '../../lib/api-types.ts';
import { guessColumns } from '../imports/table/columns.ts';
import { parseTable } from '../imports/table/parse-table.ts';
import { toPeople } from '../imports/table/people.ts';
import { defaultLimits } from '../imports/table/table.ts';
import { exportUsers, isExportPath, readSelection } from './export-users.ts';

const names = ['Jörg Müller', '=1+1', 'Comma, "Quote"', 'a;=2', '@home', "'tis", 'O’Neill', '_x0041_', '中文', 'João'];
const users = names.map(
  (name, at): User => ({
    id: at + 1,
    name,
    email: `user${at}@example.com`,
    createdAt: '2026-01-31T23:05:00.000Z',
    updatedAt: '2026-02-01T00:00:00.000Z',
    version: 1,
  }),
);

type Lists = Api['list'];
const pageOf = (users: User[], next: string | null): Awaited<ReturnType<Lists>> => ({
  ok: true,
  answer: {
    body: { users, total: names.length, totalExact: true, next },
    status: 200,
    headers: new Headers(),
    milliseconds: 1,
  },
});
/** Answers two pages. */
const list: Lists = async (query) =>
  query.includes('cursor=more') ? pageOf(users.slice(5), null) : pageOf(users.slice(0, 5), 'more');

async function get(
  address: string,
  { headers = {}, method = 'GET', answer = list, only = undefined as ReadonlySet<number> | undefined } = {},
): Promise<Response> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://site');
    assert.ok(isExportPath(pathname));
    exportUsers({ list: answer }, request, response, pathname, searchParams, only);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}${address}`, { headers, method });
    const body = await response.arrayBuffer();
    return new Response(body, response);
  } finally {
    server.close();
  }
}

test('a Brazilian gets semicolons, Portuguese titles and local times', async () => {
  const headers = { cookie: 'zone=America/Sao_Paulo' };
  const response = await get('/export.csv?lang=pt-br', { headers });
  assert.match(response.headers.get('content-disposition') ?? '', /filename="usuarios-\d{4}-\d\d-\d\d\.csv"/);
  const [titles, first] = Buffer.from(await response.arrayBuffer())
    .toString()
    .split('\r\n');
  assert.equal(titles, '\ufeffNúmero;Nome;E-mail;Criado em;Última alteração');
  assert.equal(first, '1;Jörg Müller;user0@example.com;31/01/2026 20:05;31/01/2026 21:00');
});

test('a program gets the names of the API, commas and UTC', async () => {
  const [titles, first] = (await (await get('/export.csv', { headers: { 'accept-language': 'de' } })).text()).split(
    '\r\n',
  );
  assert.equal(titles, 'id,name,email,createdAt,updatedAt');
  assert.equal(first, '1,Jörg Müller,user0@example.com,2026-01-31T23:05:00.000Z,2026-02-01T00:00:00.000Z');
});

for (const address of [
  '/export.csv',
  '/export.csv?lang=en',
  '/export.csv?lang=pt-br',
  '/export.xlsx?lang=en',
  '/export.xlsx?lang=pt-br',
]) {
  test(`an import of ${address} gives the same people without a question`, async () => {
    for (const region of ['en-US', 'de-DE']) {
      const file = await (await get(address, { headers: { 'accept-language': region } })).arrayBuffer();
      const table = await parseTable(new Uint8Array(file), defaultLimits);
      const mapping = guessColumns(table);
      assert.equal(mapping.isConfident, true);
      assert.deepEqual(
        toPeople(table, mapping).map(({ name, email }) => ({ name, email })),
        users.map(({ name, email }) => ({ name, email })),
      );
    }
  });
}

test('an export of a selection has its users alone, whatever the search, and asks for no page after the last one', async () => {
  const queries: string[] = [];
  const answer: Lists = async (query) => {
    queries.push(query);
    return list(query);
  };
  const exported = async (form: string) => {
    queries.length = 0;
    const only = readSelection(new URLSearchParams(form));
    const text = await (await get('/export.csv?q=nobody', { answer, only })).text();
    return text
      .trimEnd()
      .split('\r\n')
      .slice(1)
      .map((line) => line.split(',', 1)[0]);
  };
  assert.deepEqual(await exported('id=2&id=4'), ['2', '4']);
  assert.deepEqual(queries, ['limit=1000']);
  assert.deepEqual(await exported('id=4&ids=4,7,x,-1'), ['4', '7']);
  assert.equal(queries.length, 2);
  assert.deepEqual(await exported('id=999'), []);
});

test('an export that breaks off has no regular end', async () => {
  const answer: Lists = async (query) =>
    query.includes('cursor=more') ? { ok: false, failure: { kind: 'slow' } } : pageOf(users, 'more');
  for (const path of ['/export.csv', '/export.xlsx']) await assert.rejects(get(path, { answer }), TypeError);
});

test('an API that is away is an error, and HEAD gets no file', async () => {
  const answer: Lists = async () => ({ ok: false, failure: { kind: 'unreachable' } });
  const failed = await get('/export.xlsx', { answer });
  assert.deepEqual([failed.status, failed.headers.get('content-type')], [503, 'application/problem+json']);
  const head = await get('/export.xlsx', { method: 'HEAD' });
  assert.deepEqual([head.status, (await head.arrayBuffer()).byteLength], [200, 0]);
});
