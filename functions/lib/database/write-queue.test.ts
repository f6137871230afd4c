import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, it } from 'node:test';
import type { Connection, WriteResult } from './engine.ts';
import { recordChange } from './resources.ts';
import { SqliteEngine } from './sqlite/sqlite-engine.ts';
import { type WriteGuard, WriteQueue, type WriteScope } from './write-queue.ts';

const folder = mkdtempSync(join(tmpdir(), 'cadastro-writes-'));
const database = new SqliteEngine({ file: join(folder, 'app.db'), synchronous: 'FULL', schemaVersion: 0 });
database.create();
await database.use((connection) => connection.run('CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT UNIQUE)'));
after(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

const notes = { name: 'notes', item: 'note' };
const tags = { name: 'tags', item: 'tag' };
const note = (...ids: number[]): WriteScope[] => [{ resource: notes, ids }];
const tag = (...ids: number[]): WriteScope[] => [{ resource: tags, ids }];

let steps: string[] = [];
let lost = 0;
beforeEach(() => {
  steps = [];
  lost = 0;
});

const guard: WriteGuard = {
  async begin(scopes) {
    steps.push(`begin ${scopes.map(({ resource, ids }) => `${resource.name} ${ids}`).join('; ')}`);
    return {
      holds: () => lost-- <= 0,
      async finish() {
        steps.push('finish');
      },
      abandon: () => steps.push('abandon'),
    };
  },
};
const queue = new WriteQueue(database, guard);
const insert = (text: string, scopes = note(1)) =>
  queue.submit(scopes, async (connection) => {
    const row = await connection.get<{ id: number }>('INSERT INTO notes (text) VALUES (?) RETURNING id', text);
    return row?.id;
  });

it('commits writes that arrive together in one transaction, with one begin and one finish', async () => {
  const ids = await Promise.all([
    insert('a', note(1)),
    insert('b', tag(2)),
    insert('c', note(2, 1)),
    insert('d', [...tag(3), ...note(3)]),
  ]);
  assert.deepEqual(ids, [1, 2, 3, 4]);
  assert.deepEqual(steps, ['begin notes 1,2,3; tags 2,3', 'finish']);
});

it('lets a write join while another begins, if it changes nothing beyond the scope of that one', async () => {
  const scopes = [note(), note(1), note(2), tag()];
  const joining: Promise<unknown>[] = [];
  const slow = new WriteQueue(database, {
    async begin(begun) {
      if (joining.length === 0) for (const scope of scopes) joining.push(slow.submit(scope, () => scope));
      return guard.begin(begun);
    },
  });
  await slow.submit(note(1), () => 0);
  assert.deepEqual(await Promise.all(joining), scopes);
  assert.deepEqual(steps, ['begin notes 1', 'finish', 'begin notes 2; tags ', 'finish']);
});

it('gives a large write a transaction of its own, so that none holds the lock for long', async () => {
  const sizes = [100, 28, 1, 1000, 2, 126];
  await Promise.all(sizes.map((size) => queue.submit(note(size), () => size, size)));
  const begins = steps.filter((step) => step.startsWith('begin'));
  assert.deepEqual(begins, ['begin notes 100,28', 'begin notes 1', 'begin notes 1000', 'begin notes 2,126']);
});

it('undoes every change of a write that fails, alone and beside others', async () => {
  const half = (text: string) =>
    queue.submit(note(), async (connection) => {
      await connection.run('INSERT INTO notes (text) VALUES (?)', text);
      throw new Error('half way');
    });
  await assert.rejects(half('i'), /half way/);
  await Promise.all([assert.rejects(half('j'), /half way/), insert('k')]);
  const texts = await database.use((connection) =>
    connection.all("SELECT text FROM notes WHERE text IN ('i', 'j', 'k')"),
  );
  assert.deepEqual(texts, [{ text: 'k' }]);
});

it('commits the other writes of a transaction when one fails', async () => {
  const results = await Promise.allSettled([insert('e'), insert('f'), insert('e'), insert('g')]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
  );
});

it('runs bulk writes that stand beside each other together, and one that fails alone', async () => {
  const calls: string[][] = [];
  const work = async (connection: Connection, inputs: readonly string[]): Promise<WriteResult<string>[]> => {
    calls.push([...inputs]);
    const accepted = inputs.filter((text) => text !== 'refused');
    for (const text of accepted) await connection.run('INSERT INTO notes (text) VALUES (?)', text);
    return inputs.map((text) => (text === 'refused' ? { error: new Error('refused') } : { value: text }));
  };
  const bulk = (input: string) => queue.submitBulk(note(), { work, input });
  await Promise.all([bulk('l'), bulk('m'), insert('n'), bulk('o')]);
  assert.deepEqual(calls, [['l', 'm'], ['o']]);

  calls.length = 0;
  const results = await Promise.allSettled([bulk('p'), bulk('l'), bulk('refused'), bulk('q')]);
  assert.deepEqual(
    results.map((result) => (result.status === 'fulfilled' ? result.value : (result.reason as Error).message)),
    ['p', 'UNIQUE constraint failed: notes.text', 'refused', 'q'],
  );
  assert.deepEqual(calls, [['p', 'l', 'refused', 'q'], ['p'], ['l'], ['refused'], ['q']]);
});

it('stores what the writes of a transaction change together, without a write that fails', async () => {
  await database.use((connection) => {
    connection.run('CREATE TABLE resources (name TEXT, item TEXT, total INTEGER, revision TEXT)');
    connection.run("INSERT INTO resources VALUES ('notes', 'note', 5, 'old')");
  });
  const change = (difference: number, fails: boolean) =>
    queue.submit(note(), (connection) => {
      recordChange(connection, notes, difference);
      if (fails) throw new Error('no');
    });
  await Promise.allSettled([change(2, false), change(10, true), change(-1, false)]);
  const [row] = await database.use((connection) => connection.all('SELECT total, revision FROM resources'));
  assert.equal(row?.total, 6);
  assert.notEqual(row?.revision, 'old');
});

it('begins again when the fence was lost, and writes once', async () => {
  lost = 2;
  await insert('h');
  assert.deepEqual(steps, ['begin notes 1', 'finish', 'begin notes 1', 'finish', 'begin notes 1', 'finish']);
  const count = await database.use((connection) => connection.all("SELECT 1 FROM notes WHERE text = 'h'").length);
  assert.equal(count, 1);
});

it('runs later writes after a begin that failed', async () => {
  let calls = 0;
  const failing = new WriteQueue(database, {
    async begin(scopes) {
      if (calls++ === 0) throw new Error('no cache, no database');
      return guard.begin(scopes);
    },
  });
  await assert.rejects(
    failing.submit(note(), () => 1),
    /no cache/,
  );
  assert.equal(await failing.submit(note(), () => 2), 2);
});
