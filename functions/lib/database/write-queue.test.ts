import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, it } from 'node:test';
import { Database } from './database.ts';
import { type WriteGuard, WriteQueue } from './write-queue.ts';

const folder = mkdtempSync(join(tmpdir(), 'cadastro-writes-'));
const database = new Database({ file: join(folder, 'app.db'), synchronous: 'FULL', schemaVersion: 0 });
await database.use((connection) => connection.run('CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT UNIQUE)'));
after(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

let steps: string[] = [];
let lost = 0;
beforeEach(() => {
  steps = [];
  lost = 0;
});

const guard: WriteGuard = {
  async begin(ids) {
    steps.push(`begin ${ids}`);
    return {
      holds: () => lost-- <= 0,
      async finish() {
        steps.push('finish');
      },
    };
  },
};
const queue = new WriteQueue(database, guard);
const insert = (text: string, id = 1) =>
  queue.submit([id], (connection) => connection.run('INSERT INTO notes (text) VALUES (?)', text).lastId);

it('lets writes that come together share begin, commit and finish', async () => {
  const ids = await Promise.all([insert('a', 1), insert('b', 2), insert('c', 2), insert('d', 3)]);
  assert.deepEqual(ids, [1, 2, 3, 4]);
  assert.deepEqual(steps, ['begin 1,2,3', 'finish']);
});

it('lets one that comes while another begins join it, if it changes nobody else', async () => {
  const joining: Promise<unknown>[] = [];
  const slow = new WriteQueue(database, {
    async begin(ids) {
      if (joining.length === 0) {
        for (const others of [[], [1], [2]]) joining.push(slow.submit(others, () => others));
      }
      return guard.begin(ids);
    },
  });
  await slow.submit([1], () => 0);
  assert.deepEqual(await Promise.all(joining), [[], [1], [2]]);
  assert.deepEqual(steps, ['begin 1', 'finish', 'begin 2', 'finish']);
});

it('undoes all that one which fails has done, alone and beside others', async () => {
  const half = (text: string) =>
    queue.submit([], (connection) => {
      connection.run('INSERT INTO notes (text) VALUES (?)', text);
      throw new Error('half way');
    });
  await assert.rejects(half('i'), /half way/);
  await Promise.all([assert.rejects(half('j'), /half way/), insert('k')]);
  const texts = await database.use((connection) =>
    connection.all("SELECT text FROM notes WHERE text IN ('i', 'j', 'k')"),
  );
  assert.deepEqual(texts, [{ text: 'k' }]);
});

it('lets one fail alone', async () => {
  const outcomes = await Promise.allSettled([insert('e'), insert('f'), insert('e'), insert('g')]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
  );
});

it('begins anew when the permit is lost, and writes once', async () => {
  lost = 2;
  await insert('h');
  assert.deepEqual(steps, ['begin 1', 'finish', 'begin 1', 'finish', 'begin 1', 'finish']);
  const count = await database.use((connection) => connection.all("SELECT 1 FROM notes WHERE text = 'h'").length);
  assert.equal(count, 1);
});

it('goes on after a begin that failed', async () => {
  const failing = new WriteQueue(database, {
    begin: (() => {
      let calls = 0;
      return async (ids: readonly number[]) => {
        if (calls++ === 0) throw new Error('no cache, no database');
        return guard.begin(ids);
      };
    })(),
  });
  await assert.rejects(
    failing.submit([], () => 1),
    /no cache/,
  );
  assert.equal(await failing.submit([], () => 2), 2);
});
