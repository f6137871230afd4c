import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onEveryStack } from './api.ts';

onEveryStack('the bin', (api) => {
  const restore = async (...ids: number[]) => {
    const answer = await api.request('POST', '/users/bin/restore', { body: { ids } });
    assert.equal(answer.status, 200, answer.text);
    return answer.body.results;
  };

  it('holds a deleted user, whom no read and no list shows, until it is restored', async () => {
    const { id, email } = await api.createUser('Restored');
    await api.getHit(`/users/${id}`);
    const { body: before } = await api.getHit('/users?limit=1');
    await api.delete(id);
    assert.equal((await api.get(`/users/${id}`)).status, 404);
    assert.equal((await api.patch(id, { name: 'X' })).status, 404);
    assert.equal((await api.get(`/users?q=${email}`)).body.total, 0);
    const bin = await api.get(`/users/bin?q=${email}`);
    assert.equal(bin.status, 200);
    assert.deepEqual([bin.body.total, bin.body.users[0].id, bin.body.users[0].email], [1, id, email]);
    await api.getHit('/users?limit=1');

    assert.deepEqual(await restore(id), [{ status: 200, id, version: 2 }]);
    assert.equal((await api.get(`/users/${id}`)).body.version, 2);
    assert.equal((await api.get('/users?limit=1')).body.total, before.total);
    assert.equal((await api.get(`/users?q=${email}`)).body.users[0].id, id);
    assert.equal((await api.get(`/users/bin?q=${email}`)).body.total, 0);
  });

  it('gives a restored user no entity tag from before', async () => {
    const { id, email } = await api.createUser();
    await api.patch(id, { name: 'Ada King' });
    await api.delete(id, { 'if-match': '"2"' });
    await restore(id);
    for (const version of [1, 2]) {
      const tag = `"${version}"`;
      assert.equal((await api.get(`/users/${id}`, { 'if-none-match': tag })).status, 200);
      assert.equal((await api.put(id, { name: 'X', email }, { 'if-match': tag })).status, 412);
    }
    assert.equal((await api.get(`/users/${id}`)).headers.get('etag'), '"3"');
  });

  it('gives an e-mail to one user when a creation and restorations want it', async () => {
    const { id: first, name, email } = await api.createUser();
    await api.delete(first);
    const { body: second } = await api.post({ name, email });
    await api.delete(second.id);
    const [created, ...restored] = await Promise.all([api.post({ name, email }), restore(first), restore(second.id)]);
    const statuses = [created.status, ...restored.map(([result]) => result.status)];
    assert.equal(statuses.filter((status) => status < 300).length, 1, String(statuses));
    assert.equal(statuses.filter((status) => status === 409).length, 2, String(statuses));
    assert.equal((await api.get(`/users?q=${email}`)).body.total, 1);
  });

  it('restores all that a batch has deleted, and forgets what is erased', async () => {
    const users = Array.from({ length: 1000 }, (_, index) => ({
      name: `Bin ${index}`,
      email: `bin.${process.pid}.${index}@example.com`,
    }));
    const { body: created } = await api.request('POST', '/users/batch', { body: { users } });
    const ids: number[] = created.results.map(({ id }: { id: number }) => id);
    const { body: before } = await api.get('/users?limit=1');
    const { body: deleted } = await api.request('POST', '/users/batch-delete', { body: { q: `bin.${process.pid}` } });
    assert.deepEqual([deleted.results.length, deleted.left], [1000, 0]);
    const [erased = 0, ...others] = ids;
    assert.equal((await api.request('DELETE', `/users/bin/${erased}`)).status, 204);
    const results = await restore(...ids);
    assert.equal(results[0].status, 404);
    for (const [index, id] of others.entries()) assert.deepEqual(results[index + 1], { status: 200, id, version: 2 });
    assert.equal((await api.get('/users?limit=1')).body.total, before.total - 1);
  });

  it('answers 405 to other methods, and 400 to a query of another list', async () => {
    assert.equal((await api.request('PUT', '/users/bin/restore', { body: {} })).status, 405);
    assert.equal((await api.get('/users/bin?sort=createdAt')).status, 400);
  });
});
