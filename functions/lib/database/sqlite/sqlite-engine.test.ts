import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it, type TestContext } from 'node:test';
import BetterSqlite3 from 'better-sqlite3';
import { migrationTable } from '../run-migrations.ts';
import { SqliteEngine } from './sqlite-engine.ts';

const folder = mkdtempSync(join(tmpdir(), 'cadastro-database-'));
const file = join(folder, 'deep/down/app.db');
const open = () => new SqliteEngine({ file, synchronous: 'FULL', schemaVersion: 0 });
const database = open();
database.create();
await database.use((connection) => {
  connection.run('CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT UNIQUE)');
  // Without it the file would be one of another program.
  connection.run(`CREATE TABLE ${migrationTable} (id INTEGER PRIMARY KEY, name TEXT)`);
});
after(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

const texts = () =>
  database.use((connection) => connection.all('SELECT text FROM notes ORDER BY id').map(({ text }) => text));

it('creates the folder, and opens the file so that commits survive a power cut', async () => {
  const pragma = (name: string) =>
    database.use((connection) => Object.values(connection.get(`PRAGMA ${name}`) ?? {})[0]);
  assert.equal(await pragma('journal_mode'), 'wal');
  assert.equal(await pragma('synchronous'), 2);
});

it('undoes a transaction that throws, and a savepoint without the rest of its transaction', async () => {
  await database.use((connection) =>
    connection.transaction(() => {
      connection.run("INSERT INTO notes (text) VALUES ('kept')");
      assert.throws(() =>
        connection.savepoint(() => {
          connection.run("INSERT INTO notes (text) VALUES ('undone')");
          throw new Error('no');
        }),
      );
    }),
  );
  await assert.rejects(
    database.use((connection) =>
      connection.transaction(() => {
        connection.run("INSERT INTO notes (text) VALUES ('undone')");
        throw new Error('no');
      }),
    ),
  );
  assert.deepEqual(await texts(), ['kept']);
});

it('waits for a lock that another process holds, and lets other work go on meanwhile', async () => {
  const other = new BetterSqlite3(file);
  other.exec('BEGIN IMMEDIATE');
  const write = database.use((connection) => connection.run("INSERT INTO notes (text) VALUES ('late')"));
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual(await texts(), ['kept']);
  other.exec('COMMIT');
  other.close();
  await write;
  assert.deepEqual(await texts(), ['kept', 'late']);
});

it('does not use the connection while a migration runs', async () => {
  const seen: string[] = [];
  const one = new SqliteEngine({ file: join(folder, 'half.db'), synchronous: 'FULL', schemaVersion: 0 });
  const migration = one.migrate([
    {
      name: '001-half',
      async up(knex) {
        await knex.schema.createTable('half', (table) => void table.text('text'));
        await new Promise((resolve) => setTimeout(resolve, 20));
        seen.push('migration');
        throw new Error('undo');
      },
    },
  ]);
  await new Promise((resolve) => setTimeout(resolve, 5));
  const read = one.use((connection) => {
    seen.push('read');
    return connection.all('SELECT name FROM sqlite_schema');
  });
  await assert.rejects(migration, /undo/);
  assert.deepEqual(await read, []);
  assert.deepEqual(seen, ['migration', 'read']);
  await one.close();
});

it('runs no other work between the statements of one piece of work, and then all that has waited', async () => {
  const change = database.transact(async (connection) => {
    connection.run("INSERT INTO notes (text) VALUES ('first')");
    await undefined;
    connection.run("UPDATE notes SET text = 'second' WHERE text = 'first'");
  });
  const reads = await Promise.all([texts(), database.use(async () => texts), texts(), texts()]);
  await change;
  for (const read of [reads[0], reads[2], reads[3]]) assert.deepEqual(read, ['kept', 'late', 'second']);
  await database.transact((connection) => connection.run("DELETE FROM notes WHERE text = 'second'"));
});

it('says that the database is not available when the file cannot be opened', async () => {
  const broken = new SqliteEngine({ file: folder, synchronous: 'FULL', schemaVersion: 0 });
  await assert.rejects(
    broken.use(() => {}),
    { name: 'DatabaseUnavailable', status: 503 },
  );
  await broken.close();
});

it('asks for a migration while the schema is older than the program, and works as soon as it has run', async () => {
  const early = new SqliteEngine({ file, synchronous: 'FULL', schemaVersion: 1 });
  await assert.rejects(
    early.use(() => {}),
    { name: 'SchemaMismatch', status: 503, message: /schema version 0, and this program needs 1: .*"migrate"/ },
  );
  const raw = new BetterSqlite3(file);
  raw.pragma('user_version = 1');
  raw.close();
  assert.equal(await early.use(() => 'works'), 'works');
  await early.close();
});

it('says that the program is older than the schema, also when a migration has just removed a table', async () => {
  const newer = new BetterSqlite3(file);
  newer.pragma('user_version = 1');
  const old = new SqliteEngine({ file, synchronous: 'FULL', schemaVersion: 1 });
  const read = () => old.use((connection) => connection.all('SELECT * FROM gone'));
  await assert.rejects(read(), { code: 'SQLITE_ERROR', message: /no such table: gone/ });
  newer.pragma('user_version = 2');
  newer.close();
  const expected = {
    name: 'SchemaMismatch',
    message: /schema version 2, and this program needs 1: update this program/,
  };
  await assert.rejects(read(), expected);
  await assert.rejects(
    old.use(() => {}),
    expected,
  );
  await old.close();
});

describe('a write', () => {
  const change = (one: SqliteEngine) =>
    one.transact((connection) => connection.run("UPDATE notes SET text = 'changed'"));
  const lost = { name: 'DatabaseFileLost', status: 503, message: /restore a backup/ };
  let count = 0;

  async function openOne(test: TestContext): Promise<{ one: SqliteEngine; path: string }> {
    const path = join(folder, `lost-${count++}`, 'app.db');
    const one = new SqliteEngine({ file: path, synchronous: 'FULL', schemaVersion: 0 });
    test.after(() => one.close());
    one.create();
    await one.use((connection) => connection.run('CREATE TABLE notes (text TEXT)'));
    await change(one);
    return { one, path };
  }

  const losses: Record<string, (path: string) => void> = {
    'all files are deleted': (path) => {
      for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix);
    },
    'the database is deleted': (path) => rmSync(path),
    'the write-ahead log is deleted': (path) => rmSync(`${path}-wal`),
    'the shared memory is deleted': (path) => rmSync(`${path}-shm`),
    'a backup is moved into its place': (path) => {
      copyFileSync(path, `${path}.copy`);
      renameSync(`${path}.copy`, path);
    },
    'its folder is moved': (path) => renameSync(dirname(path), `${dirname(path)}-moved`),
    'the database is emptied': (path) => truncateSync(path),
  };
  for (const [what, lose] of Object.entries(losses)) {
    it(`fails when ${what}`, async (test) => {
      const { one, path } = await openOne(test);
      lose(path);
      await assert.rejects(change(one), lost);
      assert.throws(() => one.requireFiles(), lost);
    });
  }

  it('fails when the file is deleted during its transaction', async (test) => {
    const { one, path } = await openOne(test);
    await assert.rejects(
      one.transact(() => rmSync(path)),
      lost,
    );
  });

  it('works again when the files are moved back', async (test) => {
    const { one, path } = await openOne(test);
    renameSync(dirname(path), `${dirname(path)}-away`);
    await assert.rejects(change(one), lost);
    renameSync(`${dirname(path)}-away`, dirname(path));
    await change(one);
  });
});

it('creates no database in the place of one that is missing', async (test) => {
  const missing = join(folder, 'missing.db');
  const late = new SqliteEngine({ file: missing, synchronous: 'FULL', schemaVersion: 0 });
  test.after(() => late.close());
  await assert.rejects(
    late.use(() => {}),
    { name: 'DatabaseFileLost' },
  );
  assert.equal(existsSync(missing), false);
});

it('lets only its owner read the files and the folder that it creates, and leaves an existing file as it is', async () => {
  const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
  assert.deepEqual(
    ['', '-wal', '-shm'].map((suffix) => mode(file + suffix)),
    ['600', '600', '600'],
  );
  assert.equal(mode(dirname(file)), '700');
  const older = join(folder, 'older.db');
  writeFileSync(older, '', { mode: 0o644 });
  const kept = new SqliteEngine({ file: older, synchronous: 'FULL', schemaVersion: 0 });
  kept.create();
  assert.equal(await kept.use(() => 'works'), 'works');
  assert.equal(mode(older), '644');
  await kept.close();
});
