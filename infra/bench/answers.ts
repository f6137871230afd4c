/** Checks that a contender answers correctly. The bench measures no contender before this check passes. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Contender, RunningServer } from './contenders/contender.ts';
import { listUsers, type User } from './users.ts';

const userFields = ['id', 'name', 'email', 'createdAt', 'updatedAt', 'version'];
const json = { 'content-type': 'application/json' };

/** A busy machine can delay Redis, and a correct server then answers `bypass`. The check is repeated for that reason. */
const maxAttempts = 4;
const retryDelayMs = 2000;
const cacheTimeoutMs = 10_000;

interface Answer {
  status: number;
  headers: Headers;
  body: unknown;
}

/**
 * Checks every kind of answer that the workloads ask for.
 * @throws Error that names the contender and its wrong answer
 */
export async function checkAnswers(contender: Contender, running: RunningServer): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      if (contender.hasFullApi) await checkApi(running.url);
      else await checkConstant(running.url);
      return;
    } catch (error) {
      if (attempt === maxAttempts)
        throw new Error(`${contender.title} gives a wrong answer: ${(error as Error).message}`);
    }
    await sleep(retryDelayMs);
  }
}

async function checkApi(url: string): Promise<void> {
  await waitForCache(url);
  const health = await ask(`${url}/health`);
  const { status, database, cache } = health.body as Record<string, string>;
  assert.deepEqual([health.status, status, database, cache], [200, 'ok', 'ok', 'ok'], 'GET /health');

  const email = `check.${Date.now()}.${Math.random().toString(36).slice(2)}@example.com`;
  const created = await send(`${url}/users`, 'POST', { name: '  Grace Hopper ', email });
  const user = created.body as User;
  assert.equal(created.status, 201, 'POST /users');
  assert.deepEqual(Object.keys(user), userFields, 'fields of a user');
  assert.deepEqual([user.name, user.email, user.version], ['Grace Hopper', email, 1], 'POST /users');
  assert.equal(created.headers.get('location'), `/users/${user.id}`, 'Location');

  const taken = await send(`${url}/users`, 'POST', { name: 'Grace', email: email.toUpperCase() });
  checkProblem(taken, 409, ['email']);
  const wrong = await send(`${url}/users`, 'POST', { name: ' ', email: 'x'.repeat(101), age: 1 });
  checkProblem(wrong, 400, ['age', 'email', 'name']);

  const path = `${url}/users/${user.id}`;
  await checkCached(path, user);
  const replaced = await send(path, 'PUT', { name: 'Grace M. Hopper', email });
  assert.deepEqual([replaced.status, (replaced.body as User).version], [200, 2], 'PUT /users/{id}');
  await checkCached(path, {
    ...user,
    name: 'Grace M. Hopper',
    updatedAt: (replaced.body as User).updatedAt,
    version: 2,
  });
  checkProblem(await ask(`${url}/users/999999999`), 404);
  checkProblem(await ask(`${url}/users/one`), 400, ['id']);
  await checkList(url);
}

/** Waits until each function reads through the cache. The first request can arrive before the connection to Redis is open. */
async function waitForCache(url: string): Promise<void> {
  const deadline = performance.now() + cacheTimeoutMs;
  for (const path of ['/health', '/users/1', '/users?limit=1']) {
    for (;;) {
      const { headers, body } = await ask(url + path);
      const cache = headers.get('x-cache') ?? (body as { cache?: string }).cache;
      if (cache !== 'bypass') break;
      if (performance.now() > deadline) throw new Error(`GET ${path} still bypasses the cache`);
      await sleep(100);
    }
  }
}

/** Checks that after a write the first read is a miss, the second a hit, and that both return the written values. */
async function checkCached(path: string, expected: User): Promise<void> {
  for (const cache of ['miss', 'hit']) {
    const answer = await ask(path);
    assert.deepEqual([answer.status, answer.body], [200, expected], 'GET /users/{id}');
    assert.equal(answer.headers.get('x-cache'), cache, 'X-Cache of GET /users/{id}');
    assert.equal(answer.headers.get('etag'), `"${expected.version}"`, 'ETag');
    assert.match(answer.headers.get('server-timing') ?? '', /^cache;dur=/, 'Server-Timing');
    assert.match(answer.headers.get('content-type') ?? '', /^application\/json/, 'Content-Type');
  }
}

async function checkList(url: string): Promise<void> {
  const [first, second] = [await ask(`${url}/users?limit=2&sort=-id`), await ask(`${url}/users?limit=2&sort=-id`)];
  assert.equal(first.headers.get('x-cache'), 'miss', 'X-Cache of the first GET /users');
  assert.equal(second.headers.get('x-cache'), 'hit', 'X-Cache of the second GET /users');
  assert.deepEqual(second.body, first.body, 'GET /users');
  assert.equal(second.headers.get('etag'), first.headers.get('etag'), 'ETag of GET /users');
  const { users, total, next } = first.body as { users: User[]; total: number; next: string | null };
  assert.equal(users.length, Math.min(2, total), 'users on a page');
  for (const user of users) assert.deepEqual(Object.keys(user), userFields, 'fields of a listed user');
  assert.equal(next === null, total <= 2, 'next');
  assert.equal((await listUsers(url, 1000)).users.length, Math.min(1000, total), 'total');
}

async function checkConstant(url: string): Promise<void> {
  const { status, body } = await ask(`${url}/users/1`);
  assert.deepEqual([status, Object.keys(body as object)], [200, userFields], 'GET /users/1');
  assert.equal((await send(`${url}/users`, 'POST', {})).status, 201, 'POST /users');
}

function checkProblem({ status, headers, body }: Answer, expected: number, fields: string[] = []): void {
  assert.equal(status, expected, JSON.stringify(body));
  assert.match(headers.get('content-type') ?? '', /^application\/problem\+json/);
  const { status: statusInBody, errors } = body as { status: number; errors: { field: string }[] };
  assert.equal(statusInBody, expected);
  assert.deepEqual([...new Set(errors.map(({ field }) => field))].sort(), fields);
}

/**
 * Checks that POST /echo returns the posted text unchanged.
 * @throws Error that names the server
 */
export async function checkEcho(title: string, { url }: RunningServer): Promise<void> {
  const text = 'ação '.repeat(200);
  const answer = await fetch(`${url}/echo`, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: text });
  assert.deepEqual([answer.status, await answer.text()], [200, text], `${title}: POST /echo`);
}

async function ask(url: string, options?: RequestInit): Promise<Answer> {
  const answer = await fetch(url, options);
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) };
}

function send(url: string, method: string, body: unknown): Promise<Answer> {
  return ask(url, { method, headers: json, body: JSON.stringify(body) });
}
