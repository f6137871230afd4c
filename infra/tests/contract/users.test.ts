import assert from 'node:assert/strict';
import { it } from 'node:test';
import { until } from '../support/until.ts';
import { onEveryStack } from './api.ts';

onEveryStack('users', (api) => {
  it('creates a user, trimmed, and says where it is', async () => {
    const answer = await api.post({ name: '  Zoë Ångström ', email: ' Zoe@Example.com ' });
    assert.equal(answer.status, 201);
    const { id, createdAt, ...rest } = answer.body;
    assert.deepEqual(rest, { name: 'Zoë Ångström', email: 'Zoe@Example.com', updatedAt: createdAt, version: 1 });
    assert.match(createdAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.equal(answer.headers.get('location'), `/users/${id}`);
    assert.equal(answer.headers.get('etag'), '"1"');
    assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
  });

  it('reads from the database first, then from the cache, and again from the database after a change', async () => {
    const user = await api.createUser();
    const path = `/users/${user.id}`;
    const first = await api.getThroughCache(path);
    assert.deepEqual(first.body, user);
    assert.equal(first.headers.get('x-cache'), 'miss');
    assert.match(first.headers.get('server-timing') ?? '', /^cache;dur=[\d.]+, db;dur=[\d.]+$/);
    const second = await api.getHit(path);
    assert.deepEqual(second.body, user);
    assert.ok(second.headers.get('x-request-id'));
    await api.patch(user.id, { name: 'Ada King' });
    const third = await api.getThroughCache(path);
    assert.equal(third.headers.get('x-cache'), 'miss');
    assert.equal(third.body.name, 'Ada King');
    assert.equal(third.body.version, 2);
    assert.deepEqual((await api.getHit(path)).body, third.body);
  });

  it('replaces, changes and deletes', async () => {
    const { id, email } = await api.createUser();
    const replaced = await api.put(id, { name: 'Ada King', email: `new.${email}` });
    assert.equal(replaced.status, 200);
    assert.equal(replaced.headers.get('etag'), '"2"');
    const patched = await api.patch(id, { name: 'Countess' }, { 'content-type': 'application/merge-patch+json' });
    assert.equal(patched.status, 200);
    assert.deepEqual([patched.body.name, patched.body.email, patched.body.version], ['Countess', `new.${email}`, 3]);
    const deleted = await api.delete(id);
    assert.equal(deleted.status, 204);
    assert.equal(deleted.text, '');
    for (const answer of [await api.get(`/users/${id}`), await api.delete(id), await api.patch(id, { name: 'X' })]) {
      assert.equal(answer.status, 404);
    }
  });

  it('frees an e-mail when its user is deleted, but never an id', async () => {
    const user = await api.createUser();
    await api.delete(user.id);
    const again = await api.post({ name: user.name, email: user.email });
    assert.equal(again.status, 201);
    assert.ok(again.body.id > user.id);
  });

  it('answers 409 for an e-mail taken in another case, on POST, PUT and PATCH', async () => {
    const [first, second] = [await api.createUser(), await api.createUser()];
    const email = first.email.toUpperCase();
    for (const answer of [
      await api.post({ name: 'Other', email }),
      await api.put(second.id, { name: 'Other', email }),
      await api.patch(second.id, { email }),
    ]) {
      assert.equal(answer.status, 409);
      assert.equal(answer.body.errors[0].field, 'email');
    }
    assert.equal((await api.patch(first.id, { email })).status, 200);
  });

  it('compares e-mails without regard to case in every script', async () => {
    assert.equal((await api.post({ name: 'Jürgen', email: 'JÜRGEN@straße.example' })).status, 201);
    assert.equal((await api.post({ name: 'Jürgen', email: 'jürgen@STRAßE.example' })).status, 409);
  });

  it('compares the domains of e-mails as mail servers do', async () => {
    assert.equal((await api.post({ name: 'A', email: 'info@bücher.example' })).status, 201);
    assert.equal((await api.post({ name: 'B', email: 'info@xn--bcher-kva.example' })).status, 409);
    assert.equal((await api.post({ name: 'C', email: 'x@straße.example' })).status, 201);
    assert.equal((await api.post({ name: 'D', email: 'x@strasse.example' })).status, 201);
    const { status, body } = await api.post({ name: 'अजय', email: 'अजय@डाटा.भारत' });
    assert.deepEqual([status, body.name, body.email], [201, 'अजय', 'अजय@डाटा.भारत']);
  });

  it('stores no character that nobody can see, so that two equal-looking e-mails are one', async () => {
    const { body } = await api.post({ name: '\u200bAda\u202e', email: 'look\u200balike@example.com' });
    assert.deepEqual([body.name, body.email], ['Ada', 'lookalike@example.com']);
    assert.equal((await api.post({ name: 'Ada', email: 'lookalike@exam\u00adple.com' })).status, 409);
  });

  it('answers HEAD as GET, without the body', async () => {
    const { id } = await api.createUser();
    const answer = await api.request('HEAD', `/users/${id}`);
    assert.equal(answer.status, 200);
    assert.equal(answer.text, '');
    assert.equal(answer.headers.get('etag'), '"1"');
    assert.ok(answer.headers.get('x-cache'));
  });

  it('answers 304 when the client has the version, and 200 when it does not', async () => {
    const { id } = await api.createUser();
    const condition = { 'if-none-match': '"1"' };
    assert.equal((await api.get(`/users/${id}`, condition)).status, 304);
    assert.equal((await api.get(`/users/${id}`, condition)).status, 304);
    await api.patch(id, { name: 'Ada King' });
    const changed = await api.get(`/users/${id}`, condition);
    assert.equal(changed.status, 200);
    assert.equal(changed.headers.get('etag'), '"2"');
  });

  it('changes and deletes only the version that If-Match names', async () => {
    const { id, email } = await api.createUser();
    const stale = { 'if-match': '"7"' };
    for (const answer of [
      await api.put(id, { name: 'X', email }, stale),
      await api.patch(id, { name: 'X' }, stale),
      await api.patch(id, { name: 'X' }, { 'if-match': 'W/"1"' }),
      await api.delete(id, stale),
    ]) {
      assert.equal(answer.status, 412);
      assert.equal(answer.headers.get('etag'), '"1"');
    }
    assert.equal((await api.patch(id, { name: 'X' }, { 'if-match': '"0", "1"' })).status, 200);
    assert.equal((await api.patch(id, { name: 'Y' }, { 'if-match': '*' })).status, 200);
    assert.equal((await api.delete(id, { 'if-match': '"3"' })).status, 204);
  });

  it('changes and deletes no version that If-None-Match names', async () => {
    const { id, email } = await api.createUser();
    for (const condition of ['*', '"7", "1"', 'W/"1"', 'malformed']) {
      const known = { 'if-none-match': condition };
      for (const answer of [
        await api.put(id, { name: 'X', email }, known),
        await api.patch(id, { name: 'X' }, known),
        await api.delete(id, known),
      ]) {
        assert.equal(answer.status, 412, condition);
        assert.equal(answer.headers.get('etag'), '"1"');
      }
    }
    assert.equal((await api.patch(id, { name: 'X' }, { 'if-none-match': '"7"' })).status, 200);
    assert.equal((await api.delete(id, { 'if-none-match': '"1"' })).status, 204);
  });

  it('answers the first result again to the same Idempotency-Key, and 422 to another body', async () => {
    const body = { name: 'Ada', email: `key.${process.pid}@example.com` };
    const key = { 'idempotency-key': `key-${process.pid}` };
    const first = await api.post(body, key);
    await api.patch(first.body.id, { name: 'Changed meanwhile' });
    const again = await api.post(JSON.stringify({ email: body.email, name: ' Ada ' }, null, 2), key);
    assert.equal(again.status, 201);
    assert.deepEqual(again.body, first.body);
    assert.equal(again.headers.get('location'), first.headers.get('location'));
    const other = await api.post({ ...body, name: 'Other' }, key);
    assert.equal(other.status, 422);
    assert.equal(other.body.errors[0].field, 'Idempotency-Key');
    const list = await api.get(`/users?q=${body.email}`);
    assert.equal(list.body.total, 1);
  });

  it('reports its health, and describes itself', async () => {
    const health = await until('a cache that answers', async () => {
      const answer = await api.get('/health');
      return answer.body.cache === 'ok' && answer;
    });
    assert.equal(health.status, 200);
    const { cacheEngine, databaseEngine, ...states } = health.body;
    assert.deepEqual(states, { status: 'ok', database: 'ok', cache: 'ok' });
    assert.ok(['redis', 'embedded'].includes(cacheEngine));
    assert.ok(['sqlite', 'postgres'].includes(databaseEngine));
    const document = await api.get('/openapi.json');
    assert.equal(document.body.openapi, '3.1.0');
  });

  it('answers 405 with Allow, and 404 for other paths', async () => {
    const answer = await api.request('DELETE', '/users');
    assert.equal(answer.status, 405);
    assert.match(answer.headers.get('allow') ?? '', /GET.*POST|POST.*GET/);
    assert.equal((await api.get('/nowhere')).status, 404);
  });
});
