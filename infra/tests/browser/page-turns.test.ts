/** One client asks for many pages at once, and another client's page is built between them. These tests need no browser. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { setImmediate as nextLoop } from 'node:timers/promises';
import { open, parse, type RawConnection } from '../lifecycle/raw.ts';
import { type Site, startSite } from '../support/site.ts';
import { until } from '../support/until.ts';

const [busy, other] = ['192.0.2.1', '192.0.2.2'];
const busyPages = 40;

/** The lists that pages wait for, with their visitors. The test answers them. */
const lists: { visitor: string | undefined; response: ServerResponse }[] = [];
const api = createServer(({ url = '', headers }, response) => {
  const forwardedFor = String(headers['x-forwarded-for']);
  if (url.startsWith('/users?')) lists.push({ visitor: forwardedFor.split(',')[0], response });
  else response.end('{}');
});

let site: Site;
before(async () => {
  api.listen(0, '127.0.0.1');
  await once(api, 'listening');
  site = await startSite({
    API_URL: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
    TRUSTED_PROXIES: '127.0.0.1',
    SITE_API_TIMEOUT_MS: '120000',
    SITE_PAGE_QUEUE: String(busyPages),
  });
  // The first page loads the code of all.
  await fetch(`${site.url}/create`);
});
after(async () => {
  await site.stop();
  api.closeAllConnections();
  api.close();
});

/** Does something while the site's process stands still, so that the site finds all of it in one turn of its event loop. */
async function whileSiteStops(act: () => void): Promise<void> {
  site.process.kill('SIGSTOP');
  try {
    act();
    // Node.js may write at the end of its turn of the event loop.
    await nextLoop();
  } finally {
    site.process.kill('SIGCONT');
  }
}

/** Connects the busy client's visitors, and then the other one. `answered` names those who were answered, the first one first. */
async function connectVisitors(busyCount: number) {
  const answered: string[] = [];
  const visitors: { connection: RawConnection; ask: (path: string) => void }[] = [];
  for (const client of [...Array<string>(busyCount).fill(busy), other]) {
    const connection = await open(site.url);
    // The site has accepted a connection for certain when it has answered on it.
    connection.socket.write('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(connection.socket, 'data');
    connection.socket.once('data', () => answered.push(client));
    const fields = `Host: localhost\r\nX-Forwarded-For: ${client}\r\nConnection: close\r\n\r\n`;
    visitors.push({ connection, ask: (path) => connection.socket.write(`GET ${path} HTTP/1.1\r\n${fields}`) });
  }
  return { answered, visitors };
}

test('a page is not built after all those that another client asked for before it', async () => {
  const { answered, visitors } = await connectVisitors(busyPages);
  await whileSiteStops(() => {
    for (const { ask } of visitors) ask('/create');
  });
  await Promise.all(visitors.map(({ connection }) => connection.closed));
  assert.ok(answered.indexOf(other) < busyPages / 2, answered.join(' '));
});

test('a page does not go on after all those of another client that the API has answered before it', async () => {
  const { answered, visitors } = await connectVisitors(busyPages);
  for (const { ask } of visitors) ask('/');
  await until('every page waits for its list', () => lists.length === visitors.length);
  const inOrder = lists.splice(0).sort((a, b) => Number(a.visitor === other) - Number(b.visitor === other));
  await whileSiteStops(() => {
    for (const { response } of inOrder) response.end('{"users":[],"total":0,"totalExact":true,"next":null}');
  });
  await Promise.all(visitors.map(({ connection }) => connection.closed));
  assert.ok(answered.indexOf(other) < busyPages / 2, answered.join(' '));
});

test('pages beyond SITE_PAGE_QUEUE get 503 with Retry-After, and those of another client do not', async () => {
  const { visitors } = await connectVisitors(busyPages + 10);
  await whileSiteStops(() => {
    for (const { ask } of visitors) ask('/create');
  });
  await Promise.all(visitors.map(({ connection }) => connection.closed));
  const answers = visitors.map(({ connection }) => parse(connection.received())[1]);
  assert.equal(answers.at(-1)?.status, 200);
  const refused = answers.filter((answer) => answer?.status === 503);
  assert.ok(refused.length > 0);
  for (const answer of refused) assert.equal(answer?.headers['retry-after'], '1');
});
