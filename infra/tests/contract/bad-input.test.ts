import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type ApiRequest, type ApiResponse, onEveryStack } from './api.ts';

const valid = { name: 'Ada Lovelace', email: 'ada@example.com' };

onEveryStack('bad input', (api) => {
  /** Bodies that POST refuses with 400, and the fields that the problem names. */
  const bodies: [title: string, body: unknown, ...fields: string[]][] = [
    ['broken JSON', '{"name": "Ada', 'body'],
    ['no body', '', 'body'],
    ['a body that is no object', [valid], 'body'],
    ['null', null, 'body'],
    ['a number', 7, 'body'],
    ['missing fields', {}, 'name', 'email'],
    ['nulls', { name: null, email: null }, 'name', 'email'],
    ['other types', { name: 7, email: ['a@b.c'] }, 'name', 'email'],
    ['unknown fields', { ...valid, age: 36, id: 1 }, 'age', 'id'],
    ['a field named __proto__', '{"name":"A","email":"a@b.c","__proto__":{"x":1}}', '__proto__'],
    ['an empty name', { ...valid, name: '' }, 'name'],
    ['a name of spaces', { ...valid, name: '   ' }, 'name'],
    ['a name of 101 characters', { ...valid, name: '😀'.repeat(101) }, 'name'],
    ['a name with a control character', { ...valid, name: 'Ada\u0000' }, 'name'],
    ['half a character', '{"name":"\\ud83d","email":"a@b.c"}', 'name'],
    ['a name of invisible characters', { ...valid, name: '\u200b\u3164\u2800' }, 'name'],
    ['a name with a character that was lost', { ...valid, name: 'J\ufffdrg' }, 'name'],
    ['a letter with 90 accents', { ...valid, name: `a${'\u0301'.repeat(90)}` }, 'name'],
    ['an e-mail of 65 characters before the @', { ...valid, email: `${'a'.repeat(65)}@example.com` }, 'email'],
    ['an e-mail with an invalid domain', { ...valid, email: 'ada@example..com' }, 'email'],
    ['an e-mail with a character that was lost', { ...valid, email: 'j\ufffdrg@example.com' }, 'email'],
    ['an e-mail without @', { ...valid, email: 'ada.example.com' }, 'email'],
    ['an e-mail with a space', { ...valid, email: 'ada love@example.com' }, 'email'],
    ['an e-mail of 101 characters', { ...valid, email: `${'a'.repeat(89)}@example.com` }, 'email'],
    ['bytes that are not UTF-8', new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]), 'body'],
  ];
  for (const [title, body, ...fields] of bodies) {
    it(`answers 400 to ${title}`, async () => refused(await api.request('POST', '/users', json(body)), 400, ...fields));
  }

  it('answers 400 to an empty PATCH, to nulls and to unknown fields in it', async () => {
    refused(await api.patch(1, {}), 400, 'body');
    refused(await api.patch(1, { name: null }), 400, 'name');
    refused(await api.patch(1, { version: 3 }), 400, 'version');
  });

  it('answers 400 to new texts of a PUT and a PATCH that POST would refuse', async () => {
    const { body: user } = await api.post(valid);
    refused(await api.put(user.id, { ...valid, name: '\u2800' }), 400, 'name');
    refused(await api.patch(user.id, { email: 'ada@' }), 400, 'email');
    assert.deepEqual((await api.get(`/users/${user.id}`)).body, user);
    await api.delete(user.id);
  });

  it('answers 415 to other content types, and to none', async () => {
    const body = JSON.stringify(valid);
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', 'text/json', 'json']) {
      refused(await api.post(body, { 'content-type': type }), 415, 'content-type');
    }
    refused(
      await api.request('POST', '/users', { body: new TextEncoder().encode(body), headers: { 'content-type': '' } }),
      415,
    );
    refused(await api.post(body, { 'content-type': 'application/json; charset=latin1' }), 415, 'content-type');
  });

  it('answers 413 to a body above 1 MB', async () => {
    refused(await api.post({ ...valid, name: 'x'.repeat(1_100_000) }), 413);
  });

  it('answers 400 to ids that are no positive whole numbers', async () => {
    for (const id of [
      '0',
      '-1',
      '1.5',
      'abc',
      '1e3',
      '01',
      '9007199254740992',
      '%00',
      '1%20',
      'a%2Fb',
      'constructor',
      '１',
    ]) {
      const path = `/users/${encodeURI(id).replace('%25', '%')}`;
      refused(await api.get(path), 400, 'id');
      refused(await api.request('DELETE', path), 400, 'id');
      refused(await api.request('PUT', path, { body: valid }), 400, 'id');
      refused(await api.request('PATCH', path, { body: { name: 'X' } }), 400, 'id');
    }
  });

  it('answers 400 to invalid list parameters', async () => {
    for (const limit of ['0', '1001', '-1', '1.5', 'x', '10,20', '%00'])
      refused(await api.get(`/users?limit=${limit}`), 400, 'limit');
    refused(await api.get('/users?limit=1&limit=2'), 400, 'limit');
    for (const sort of ['age', '--id', 'id,name', 'ID', 'constructor'])
      refused(await api.get(`/users?sort=${sort}`), 400, 'sort');
    for (const cursor of ['x', 'W10', 'bnVsbA', btoa('["id","x",1]')]) {
      refused(await api.get(`/users?cursor=${cursor}`), 400, 'cursor');
    }
    refused(await api.get(`/users?q=${'x'.repeat(101)}`), 400, 'q');
    refused(await api.get('/users?q=%00'), 400, 'q');
  });

  it('answers 414 to query strings of 10 kB', async () => {
    refused(await api.get(`/users?q=${'x'.repeat(10_000)}`), 414, 'q');
    refused(await api.get(`/users?junk=${'x'.repeat(10_000)}`), 414, 'junk');
    refused(await api.get(`/users?cursor=${'x'.repeat(10_000)}`), 414, 'cursor');
  });

  it('answers 400 to an Idempotency-Key that is too long', async () => {
    refused(await api.post(valid, { 'idempotency-key': 'x'.repeat(256) }), 400, 'Idempotency-Key');
  });

  it('ignores cookies with percent signs that decode to nothing', async () => {
    assert.equal((await api.get('/users', { cookie: 'a=%; b=%zz' })).status, 200);
  });

  it('answers 400 to parameters of a list that it does not know, and names those that it knows', async () => {
    refused(await api.get('/users?limt=3'), 400, 'limt');
    refused(await api.get('/users?x=%zz'), 400, 'x');
    assert.match((await api.get('/users?limt=3')).body.detail, /limit, cursor, q and sort/);
  });

  it('writes no user for any of these requests', async () => assert.equal((await api.get('/users')).body.total, 0));
});

function json(body: unknown): ApiRequest {
  const isRaw = typeof body === 'string' || body instanceof Uint8Array;
  return { body: isRaw ? body : JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}

/** Asserts a problem document with this status that names these fields and shows no stack, path or SQL. */
function refused(answer: ApiResponse, status: number, ...fields: string[]): void {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.headers.get('content-type'), 'application/problem+json');
  const { body } = answer;
  for (const member of ['type', 'title', 'detail', 'message', 'requestId']) {
    assert.equal(typeof body[member], 'string', `${member} of ${answer.text}`);
  }
  assert.equal(body.status, answer.status);
  assert.doesNotMatch(answer.text, /node_modules|\.ts:|\.mjs:|SQLITE|at .*\(/);
  const named = (body.errors ?? []).map(({ field }: { field: string }) => field);
  for (const field of fields) assert.ok(named.includes(field), `${field} is not among ${named}`);
}
