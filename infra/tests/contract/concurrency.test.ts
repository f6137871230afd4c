import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onEveryStack } from './api.ts';

onEveryStack('many at once', (api) => {
  it('creates one user when many want the same e-mail', async () => {
    const email = `wanted.${process.pid}@example.com`;
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, index) =>
        api.post({ name: `Number ${index}`, email: index % 2 ? email : email.toUpperCase() }),
      ),
    );
    assert.deepEqual(statuses(answers), { 201: 1, 409: 15 });
  });

  it('creates one user when the same Idempotency-Key comes many times', async () => {
    const body = { name: 'Once', email: `once.${process.pid}@example.com` };
    const key = { 'idempotency-key': `once-${process.pid}` };
    const answers = await Promise.all(Array.from({ length: 16 }, () => api.post(body, key)));
    assert.deepEqual(statuses(answers), { 201: 16 });
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
  });

  it('lets one change through when many have the same version, by PUT, PATCH and DELETE', async () => {
    const { id, email } = await api.createUser();
    const match = { 'if-match': '"1"' };
    const answers = await Promise.all(
      Array.from({ length: 18 }, (_, index) => {
        if (index % 3 === 0) return api.put(id, { name: `Put ${index}`, email }, match);
        return index % 3 === 1 ? api.patch(id, { name: `Patch ${index}` }, match) : api.delete(id, match);
      }),
    );
    const won = answers.filter(({ status }) => status === 200 || status === 204);
    assert.equal(won.length, 1);
    assert.ok(answers.every(({ status }) => [200, 204, 404, 412].includes(status)));
  });

  it('counts each change when PUT and PATCH meet', async () => {
    const { id, email } = await api.createUser();
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        index % 2 ? api.put(id, { name: `Put ${index}`, email }) : api.patch(id, { name: `Patch ${index}` }),
      ),
    );
    assert.deepEqual(statuses(answers), { 200: 40 });
    const versions = answers.map(({ body }) => body.version as number).sort((a, b) => a - b);
    assert.deepEqual(
      versions,
      Array.from({ length: 40 }, (_, index) => index + 2),
    );
    assert.equal((await api.get(`/users/${id}`)).body.version, 41);
  });

  it('serves 64 writers across functions, and each reads what it wrote', async () => {
    const before = (await api.get('/users?limit=1')).body.total;
    const kept = await Promise.all(
      Array.from({ length: 64 }, async (_, index) => {
        const user = await api.createUser(`Writer ${index}`);
        assert.equal((await api.get(`/users/${user.id}`)).body.version, 1);
        const put = await api.put(user.id, { name: `Put ${index}`, email: user.email });
        assert.equal(put.status, 200, put.text);
        assert.equal((await api.get(`/users/${user.id}`)).body.name, `Put ${index}`);
        const patch = await api.patch(user.id, { name: `Patch ${index}` });
        assert.equal(patch.status, 200, patch.text);
        const read = await api.get(`/users/${user.id}`);
        assert.deepEqual([read.body.name, read.body.version], [`Patch ${index}`, 3]);
        if (index % 2) return true;
        const deletion = await api.delete(user.id);
        assert.equal(deletion.status, 204, deletion.text);
        assert.equal((await api.get(`/users/${user.id}`)).status, 404);
        return false;
      }),
    );
    const after = (await api.get('/users?limit=1')).body.total;
    assert.equal(after - before, kept.filter((each) => each).length);
  });
});

function statuses(answers: readonly { status: number }[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
