import assert from 'node:assert/strict';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { checkReachable, createUsers, SeedError } from './create.ts';
import type { Person } from './people.ts';

const somePeople = (count: number): Person[] =>
  Array.from({ length: count }, (_, index) => ({ name: `Zoë ${index}`, email: `zoe.${index}@example.com` }));

/** Starts a server. @returns its base URL */
async function serve(context: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => listener(request, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => new Promise((resolve) => server.close(resolve).closeAllConnections()));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function answer(response: ServerResponse, status: number, headers = {}): void {
  response.writeHead(status, headers).end('{"title":"So it is"}');
}

test('counts created users and users that existed', async (context) => {
  let requests = 0;
  const api = await serve(context, (_, response) => answer(response, ++requests % 4 === 0 ? 409 : 201));
  let last = 0;
  const outcome = await createUsers(somePeople(40), {
    api,
    concurrency: 4,
    onProgress: (done) => {
      last = done;
    },
  });
  assert.deepEqual(outcome, { created: 30, taken: 10 });
  assert.equal(last, 40);
});

test('keeps the given number of requests in flight', async (context) => {
  const inFlight: ServerResponse[] = [];
  let most = 0;
  // The server answers once six requests are in flight. A client with fewer requests in flight would wait for ever.
  const api = await serve(context, (_, response) => {
    most = Math.max(most, inFlight.push(response));
    if (inFlight.length === 6) {
      setTimeout(() => {
        for (const waiting of inFlight.splice(0)) answer(waiting, 201);
      }, 5);
    }
  });
  await createUsers(somePeople(60), { api, concurrency: 6 });
  assert.equal(most, 6);
});

test('tries again after 429 and 503', async (context) => {
  const statuses = [429, 503, 201];
  const api = await serve(context, (_, response) => answer(response, statuses.shift() ?? 201));
  assert.deepEqual(await createUsers(somePeople(1), { api, concurrency: 1 }), { created: 1, taken: 0 });
  assert.equal(statuses.length, 0);
});

test('stops at the first user that the API refuses, and names the user and the reason', async (context) => {
  let requests = 0;
  const api = await serve(context, (_, response) => answer(response, ++requests > 5 ? 400 : 201));
  await assert.rejects(createUsers(somePeople(1000), { api, concurrency: 2 }), (error: unknown) => {
    assert.ok(error instanceof SeedError);
    assert.match(error.message, /400.*Zoë \d.*So it is/);
    return true;
  });
  assert.ok(requests < 10);
});

test('an abort ends the run after the requests in flight', async (context) => {
  const api = await serve(context, (_, response) => answer(response, 201));
  const stop = new AbortController();
  const outcome = await createUsers(somePeople(1000), {
    api,
    concurrency: 2,
    onProgress: (done) => done === 10 && stop.abort(),
    signal: stop.signal,
  });
  assert.ok(outcome.created >= 10 && outcome.created < 13);
});

test('a missing API is named in one line that says what to do', async () => {
  await assert.rejects(checkReachable('http://127.0.0.1:9'), {
    name: 'SeedError',
    message: /^The API at http:\/\/127\.0\.0\.1:9 cannot be used: .+\. Is it running\? Start it with npm start\.$/,
  });
});

test('no user is created in an API that is not healthy', async (context) => {
  const api = await serve(context, (_, response) => answer(response, 503));
  await assert.rejects(checkReachable(api), /GET \/health answered 503/);
});

test('sends the API key with each request', async (context) => {
  const keys = new Set<unknown>();
  const api = await serve(context, ({ headers }, response) => {
    keys.add(headers['x-api-key']);
    answer(response, 201);
  });
  await createUsers(somePeople(3), { api, concurrency: 1, apiKey: 'cadk_1' });
  assert.deepEqual([...keys], ['cadk_1']);
});
