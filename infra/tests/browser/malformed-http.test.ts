/** Malformed HTTP, sent raw to all ports: alone, and before an ordinary request on the same connection. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { exchange, open, parse, type RawAnswer } from '../lifecycle/raw.ts';
import { malformedRequests, type Port } from '../support/malformed-http.ts';
import { type Router, startRouter } from '../support/router.ts';
import { type Site, startSite } from '../support/site.ts';

/** No other request names this text, so an answer that holds it is the answer to the probe. */
const mark = '424242';
const event = readFileSync(join(import.meta.dirname, '../../../functions/delete-user/events/valid.json'), 'utf8');

const deleteUser = (path: string) => `DELETE ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
const createUser = (path: string) => {
  const body = '{"name":"Mallory","email":"mallory@example.com"}';
  const head = `Host: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
  return `POST ${path} HTTP/1.1\r\n${head}\r\n\r\n${body}`;
};
const invocations = '/2015-03-31/functions/delete-user/invocations';

/** The ports, with a request each whose answer holds the mark. */
const ports: Record<string, Port & { probe: string }> = {
  'the HTTP API': {
    read: '/users/1',
    write: '/users',
    probe: `/users/${mark}`,
    harmful: [deleteUser('/users/1'), createUser('/users')],
  },
  'the Invoke API': {
    read: '/2015-03-31/functions/get-user',
    write: '/2015-03-31/functions/get-user/invocations',
    probe: `/2015-03-31/functions/none-${mark}`,
    harmful: [`POST ${invocations} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${event.length}\r\n\r\n${event}`],
  },
  'the status server': {
    read: '/status',
    write: '/status',
    probe: `/none-${mark}`,
    harmful: [`GET /none-${mark} HTTP/1.1\r\nHost: localhost\r\n\r\n`],
  },
  'the site': {
    read: '/api/users/1',
    write: '/api/users',
    probe: `/api/users/${mark}`,
    harmful: [deleteUser('/api/users/1'), deleteUser('/users/1'), createUser('/users')],
  },
};

/** Requests that never end are cut soon. Nothing here expects a quick answer. */
const shortTimeouts = { HEADERS_TIMEOUT_MS: '2000', REQUEST_TIMEOUT_MS: '4000', KEEP_ALIVE_TIMEOUT_MS: '1000' };

let router: Router;
let site: Site;
let users: string;
before(async () => {
  router = await startRouter({ env: { AUTH: 'off', ...shortTimeouts } });
  site = await startSite({
    API_URL: router.url,
    SITE_API_TIMEOUT_MS: '120000',
    SITE_REQUEST_LIMIT: '1000',
    SITE_REQUEST_CLIENT_LIMIT: '1000',
    ...shortTimeouts,
  });
  for (const name of ['Ana', 'Bia']) {
    const body = JSON.stringify({ name, email: `${name}@example.com` });
    await fetch(`${router.url}/users`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  }
  users = await (await fetch(`${router.url}/users`)).text();
  assert.equal(JSON.parse(users).total, 2);
});
after(async () => {
  assert.equal(await (await fetch(`${router.url}/users`)).text(), users, 'a request has changed users');
  assert.deepEqual([await site.stop(), await router.stop()], [0, 0]);
});

/** @returns the answers without the interim ones */
async function send(url: string, bytes: string): Promise<RawAnswer[]> {
  const answers = await exchange(url, Buffer.from(bytes, 'latin1'));
  return answers.filter(({ status }) => status !== 100);
}

for (const [name, port] of Object.entries(ports)) {
  describe(name, { concurrency: 16 }, () => {
    const url = () =>
      ({ 'the HTTP API': router.url, 'the Invoke API': router.controlUrl, 'the status server': router.statusUrl })[
        name
      ] ?? site.url;
    const probe = `GET ${port.probe} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;

    for (const connection of ['Upgrade', 'keep-alive, Upgrade', 'Upgrade, HTTP2-Settings']) {
      it(`takes no body for a request after an upgrade, with Connection: ${connection}`, async () => {
        for (const method of ['GET', 'POST', 'OPTIONS']) {
          const target = method === 'POST' ? port.write : port.read;
          const upgrade = `${method} ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: ${connection}\r\nUpgrade: h2c\r\n\r\n`;
          const head = `POST ${port.write} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: ${probe.length}\r\n\r\n`;
          const { socket, received, closed } = await open(url());
          // The body comes in a packet of its own: a server that loses the rest of the first packet also loses the head.
          socket.write(upgrade + head);
          await once(socket, 'data');
          socket.write(probe);
          await closed;
          const answers = parse(received());
          assert.ok(answers.length <= 2, `there are ${answers.length} answers`);
          for (const { body } of answers) assert.ok(!body.includes(mark), 'the body was answered as a request');
        }
      });
    }

    it('answers a request that offers an upgrade as if it did not', async () => {
      const offer = `Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n`;
      const [answer] = await send(url(), `GET ${port.probe} HTTP/1.1\r\nHost: localhost\r\n${offer}`);
      assert.equal(answer?.status, 404);
      assert.match(answer.body, new RegExp(mark));
      assert.equal(answer.headers.connection, 'close');
    });

    for (const { name: what, bytes, mayBeAnswered } of malformedRequests(port)) {
      it(`answers ${what} as it must, and then the next request`, async () => {
        for (const next of ['', probe]) {
          const [first, second, ...more] = await send(url(), bytes + next);
          assert.ok(first, 'there is no answer');
          const refused = (first.status >= 400 && first.status < 500) || first.status === 501 || first.status === 505;
          assert.ok(refused || (mayBeAnswered && first.status < 400), `${first.status} ${first.body.slice(0, 200)}`);
          assert.ok(!first.body.includes(mark), 'the first answer is that of the second request');
          if (second) {
            assert.equal(next, probe, `a second answer came: ${second.status} ${second.body}`);
            assert.match(second.body, new RegExp(mark));
          }
          assert.deepEqual(more, []);
        }
      });
    }
  });
}
