import assert from 'node:assert/strict';
import { test } from 'node:test';
import { en } from '../i18n/en.ts';
import { createApi } from './api-client.ts';
import { type Draft, save } from './save-user.ts';

const user = { id: 7, name: 'Ana', email: 'ana@example.com', createdAt: '', updatedAt: '', version: 3 };
const draft: Draft = { id: 7, version: 2, values: { name: ' Mine ', email: 'ana@example.com' }, key: 'k' };

type Answers = Record<string, (request: Request) => Response>;

async function saving(given: Draft, answers: Answers) {
  const asked: Request[] = [];
  const send: typeof fetch = async (url, init) => {
    const request = new Request(String(url), init);
    asked.push(request);
    const answer = answers[`${request.method} ${new URL(request.url).pathname}`];
    assert.ok(answer, `${request.method} ${request.url}`);
    return answer(request);
  };
  const outcome = await save(createApi(new URL('http://api.test'), 1_000, { send }), given, en.field);
  return { outcome, asked };
}

const problem =
  (status: number, errors: object[] = []) =>
  () =>
    Response.json({ title: '', status, errors }, { status });

test('trimmed values are sent with the version that the reader saw', async () => {
  const { outcome, asked } = await saving(draft, { 'PUT /users/7': () => Response.json(user) });
  assert.equal(outcome.kind, 'done');
  assert.equal(asked[0]?.headers.get('if-match'), '"2"');
  assert.deepEqual(await asked[0]?.json(), { name: 'Mine', email: 'ana@example.com' });
});

test('an invalid draft is not sent', async () => {
  const { outcome, asked } = await saving({ key: 'k', values: { name: '', email: 'x' } }, {});
  assert.deepEqual(outcome, { kind: 'faults', faults: { name: en.field.required, email: en.field.email } });
  assert.equal(asked.length, 0);
});

const seen = { name: 'Ana', email: 'ana@example.com' };

test('a change of the same field by somebody else is a conflict', async () => {
  const current = { ...user, name: 'Theirs', email: 'new@example.com' };
  const answers = { 'PUT /users/7': problem(412), 'GET /users/7': () => Response.json(current) };
  const { outcome } = await saving({ ...draft, seen }, answers);
  const values = { name: 'Mine', email: 'new@example.com' };
  assert.deepEqual(outcome, { kind: 'stale', current, values, fields: ['name'] });
  assert.equal((await saving(draft, answers)).outcome.kind, 'stale', 'the values that the reader saw are unknown');
});

test('a change of another field by somebody else is kept, and so is our own', async () => {
  const current = { ...user, email: 'new@example.com' };
  const merged = { ...current, name: 'Mine', version: 4 };
  const { outcome, asked } = await saving(
    { ...draft, seen },
    {
      'PUT /users/7': (request) => (request.headers.get('if-match') === '"3"' ? Response.json(merged) : problem(412)()),
      'GET /users/7': () => Response.json(current),
    },
  );
  assert.deepEqual(outcome, { kind: 'done', user: merged, theirs: ['email'] });
  assert.deepEqual(await asked.at(-1)?.json(), { name: 'Mine', email: 'new@example.com' });
});

test('a stale version with our values was saved by an attempt whose answer was lost', async () => {
  const own = { ...user, name: 'Mine' };
  const { outcome, asked } = await saving(draft, {
    'PUT /users/7': problem(412),
    'GET /users/7': () => Response.json(own),
  });
  assert.deepEqual(outcome, { kind: 'done', user: own, theirs: [] });
  assert.equal(asked.length, 2);
});

test('a taken e-mail comes with its owner', async () => {
  const owner = { ...user, id: 9, email: 'ANA@example.com' };
  const { outcome } = await saving(draft, {
    'PUT /users/7': problem(409, [{ field: 'email', code: 'taken', message: 'is taken' }]),
    'GET /users': () =>
      Response.json({ users: [{ ...user, id: 8, email: 'xana@example.com' }, owner], total: 2, next: null }),
  });
  assert.deepEqual(outcome, { kind: 'taken', faults: { email: en.field.taken }, owner });
});

test('a missing user is gone, and a failing API is a failure', async () => {
  assert.equal((await saving(draft, { 'PUT /users/7': problem(404) })).outcome.kind, 'gone');
  const { outcome } = await saving(draft, { 'PUT /users/7': problem(503) });
  assert.ok(outcome.kind === 'failure' && outcome.failure.kind === 'problem');
});

test('a key that was used for other values is replaced', async () => {
  const { outcome, asked } = await saving(
    { values: draft.values, key: 'used' },
    {
      'POST /users': (request) =>
        request.headers.get('idempotency-key') === 'used' ? problem(422)() : Response.json(user, { status: 201 }),
    },
  );
  assert.equal(outcome.kind, 'done');
  assert.equal(asked.length, 2);
});
