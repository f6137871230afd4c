/** Processes that open a database late: after somebody has deleted or replaced its files, or while others open and close it. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { migrationTable } from '../run-migrations.ts';
import { SqliteEngine } from './sqlite-engine.ts';

const lost = { name: 'DatabaseFileLost', status: 503 };
const write = (one: SqliteEngine) => one.transact((connection) => connection.run("INSERT INTO notes VALUES ('x')"));
const count = (one: SqliteEngine) => one.use((connection) => connection.all('SELECT * FROM notes').length);

/** Makes a database, which an open engine has written to once. */
async function setUp(test: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-late-'));
  const file = join(folder, 'app.db');
  const open = (isFunction: boolean) => {
    const one = new SqliteEngine({ file, synchronous: 'NORMAL', schemaVersion: 0, isFunction });
    test.after(() => one.close());
    return one;
  };
  test.after(() => rmSync(folder, { recursive: true }));
  const early = open(true);
  await early.migrate([]);
  await early.use((connection) => {
    connection.run('CREATE TABLE notes (text TEXT)');
    // Without it the file would be one of another program.
    connection.run(`CREATE TABLE ${migrationTable} (id INTEGER PRIMARY KEY)`);
  });
  await write(early);
  return { file, open, early };
}

describe('a process that opens the database late', { concurrency: true }, () => {
  for (const suffixes of [['-wal', '-shm'], ['-wal'], ['-shm']]) {
    it(`does not write when another one has it open without ${suffixes.join(' and ')}`, async (test) => {
      const { file, open } = await setUp(test);
      for (const suffix of suffixes) rmSync(file + suffix);
      const late = open(true);
      await assert.rejects(write(late), lost);
      await assert.rejects(count(late), lost);
      for (const suffix of suffixes) assert.equal(existsSync(file + suffix), false);
    });
  }

  it('works, and misses no write, when the last one that had it open without its log has ended', async (test) => {
    const { file, open, early } = await setUp(test);
    for (const suffix of ['-wal', '-shm']) rmSync(file + suffix);
    const late = open(true);
    await assert.rejects(write(late), lost);
    await early.close();
    await write(late);
    assert.equal(await count(late), 2);
  });

  for (const log of ['keeps its log', 'loses its log']) {
    it(`does not write when an older copy was moved into its place and ${log}, before the next start`, async (test) => {
      const { file, open, early } = await setUp(test);
      copyFileSync(file, `${file}.copy`);
      renameSync(`${file}.copy`, file);
      if (log === 'loses its log') for (const suffix of ['-wal', '-shm']) rmSync(file + suffix);
      await assert.rejects(write(open(true)), lost);
      await early.close();
      const late = open(true);
      await assert.rejects(write(late), lost);
      // A command works on what is there.
      assert.equal(await open(false).use(() => 'works'), 'works');
      await open(true).migrate([]);
      assert.equal(await late.use(() => 'works'), 'works');
    });
  }

  const skip = !existsSync('/proc/locks') && 'the system lists no locks';
  for (const change of ['deleted', 'replaced']) {
    it(`does not take another file for the database that was ${change}, while a process uses it`, {
      skip,
    }, async (test) => {
      const { file, open, early } = await setUp(test);
      // This process would lose its locks if it opened and closed the file itself.
      if (change === 'replaced') execFileSync('cp', [file, `${file}.copy`]);
      rmSync(file);
      if (change === 'replaced') renameSync(`${file}.copy`, file);
      await assert.rejects(open(true).migrate([]), { name: 'ConfigurationError', message: /was deleted or replaced/ });
      assert.equal(existsSync(file), change === 'replaced');
      await assert.rejects(write(early), lost);
      await early.close();
      await open(true).migrate([]);
      assert.equal(await open(true).use(() => 'works'), 'works');
    });
  }

  it('loses nothing while others open and close it, and is never told that it is lost', async (test) => {
    const { file, early } = await setUp(test);
    await early.close();
    const source = `
      import { SqliteEngine } from ${JSON.stringify(join(import.meta.dirname, 'sqlite-engine.ts'))};
      for (let times = 0; times < 50; times++) {
        const one = new SqliteEngine({ file: ${JSON.stringify(file)}, synchronous: 'NORMAL', schemaVersion: 0, isFunction: true });
        await one.transact((connection) => connection.run("INSERT INTO notes VALUES ('x')"));
        await one.close();
      }`;
    const run = async () => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: 'inherit' });
      return (await once(child, 'exit'))[0];
    };
    assert.deepEqual(await Promise.all([run(), run(), run(), run()]), [0, 0, 0, 0]);
    assert.equal(await count(early), 201);
  });
});
