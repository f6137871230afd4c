import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onEveryStack } from './api.ts';

onEveryStack('the history of a user', (api) => {
  it('holds every change, and brings an earlier state back', async () => {
    const { id, name } = await api.createUser('Before');
    await api.getHit(`/users/${id}`);
    await api.patch(id, { name: 'After' });
    const { status, body } = await api.get(`/users/${id}/history`);
    assert.equal(status, 200);
    assert.deepEqual(
      body.changes.map(({ action }: { action: string }) => action),
      ['update', 'create'],
    );
    const [{ id: change, before, after }] = body.changes;
    assert.deepEqual([before.name, after.name], [name, 'After']);

    const restored = await api.request('POST', `/users/${id}/history/${change}/restore`);
    assert.deepEqual([restored.status, restored.body.name, restored.body.version], [200, name, 3]);
    assert.equal((await api.get(`/users/${id}`)).body.name, name);
    assert.equal((await api.get(`/users/${id}/history`)).body.changes.length, 3);
    assert.equal((await api.get(`/users/${id}/history?limit=0`)).status, 400);
  });

  it('stays readable for a user in the bin', async () => {
    const { id } = await api.createUser();
    await api.delete(id);
    const { status, body } = await api.get(`/users/${id}/history`);
    assert.deepEqual([status, body.changes.length, body.changes[0].action], [200, 2, 'delete']);
    assert.equal((await api.get('/users/999999999/history')).status, 404);
  });
});
