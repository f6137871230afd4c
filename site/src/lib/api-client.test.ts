import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApi, isTransient, loadOf, statusOf } from './api-client.ts';

const base = new URL('http://api.test/root/');
const page = { users: [], total: 3, totalExact: true, next: null };

function apiWith(answer: (request: Request) => Response | Promise<Response>) {
  const requests: Request[] = [];
  const send: typeof fetch = async (url, init) => {
    const request = new Request(String(url), init);
    requests.push(request);
    return answer(request);
  };
  return { api: createApi(base, 100, { send }), requests };
}

test('requests go below the base address, with If-Match and Idempotency-Key', async () => {
  const { api, requests } = apiWith(() => Response.json(page));
  await api.list('limit=1');
  await api.create({ name: 'A' }, 'key-1');
  await api.replace(7, { name: 'B' }, '"3"');
  assert.deepEqual(
    requests.map(({ method, url }) => `${method} ${url}`),
    ['GET http://api.test/root/users?limit=1', 'POST http://api.test/root/users', 'PUT http://api.test/root/users/7'],
  );
  assert.equal(requests[1]?.headers.get('idempotency-key'), 'key-1');
  assert.equal(requests[2]?.headers.get('if-match'), '"3"');
});

test('a load tells whether the cache or the database answered', async () => {
  const headers = { 'x-cache': 'hit' };
  const { api } = apiWith(() => Response.json(page, { headers }));
  const result = await api.list('');
  assert.ok(result.ok);
  const { milliseconds: _, ...load } = loadOf(result.answer, { cacheEngine: 'redis' });
  assert.deepEqual(load, { state: 'hit', place: 'redis', total: 3, totalExact: true });
});

test('every failure is a value', async () => {
  const failing: [() => Response | Promise<Response>, string, number, boolean][] = [
    [() => Promise.reject(new TypeError('fetch failed')), 'unreachable', 503, true],
    [
      () => new Promise((_, reject) => setTimeout(() => reject(new DOMException('', 'TimeoutError')), 150)),
      'slow',
      504,
      true,
    ],
    [() => Response.json({ title: 'Gone', status: 404 }, { status: 404 }), 'problem', 404, false],
    [() => new Response('<html>', { status: 502 }), 'problem', 502, true],
    [() => new Response('<html>', { status: 200 }), 'problem', 502, true],
    [() => new Response('{}', { status: 429 }), 'problem', 429, true],
  ];
  for (const [answer, kind, status, transient] of failing) {
    const result = await apiWith(answer).api.get(1);
    assert.ok(!result.ok);
    assert.deepEqual(
      [result.failure.kind, statusOf(result.failure), isTransient(result.failure)],
      [kind, status, transient],
    );
  }
});
