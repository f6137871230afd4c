import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { migrations, schemaVersion } from '#migrations';
import { readConfig } from '../config.ts';
import { Database } from '../database/database.ts';
import { listApiKeys, revokeApiKey } from './api-keys.ts';
import { prepareSiteKey } from './site-key.ts';

const folder = mkdtempSync(join(tmpdir(), 'cadastro-site-key-'));
const database = new Database(readConfig({ DATABASE_URL: `sqlite:${join(folder, 'app.db')}` }).database, schemaVersion);
await database.migrate(migrations);
const file = join(folder, 'keys/site');
after(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

it('makes a reader’s key that only its user may read, and keeps it while it is valid', async () => {
  assert.equal(await prepareSiteKey(database, file, 1000), true);
  const key = readFileSync(file, 'utf8');
  assert.match(key, /^cadk_[0-9a-f]{16}_[\w-]{43}\n$/);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(await prepareSiteKey(database, file, 2000), false);
  assert.equal(readFileSync(file, 'utf8'), key);
  const keys = await database.use(listApiKeys);
  assert.deepEqual(
    keys.map(({ name, role }) => [name, role]),
    [['site 1970-01-01T00:00:01.000Z', 'reader']],
  );
});

it('makes another key for one that was revoked, and for a broken one', async () => {
  const revoked = readFileSync(file, 'utf8');
  await database.transact((connection) => revokeApiKey(connection, 'site 1970-01-01T00:00:01.000Z', 3000));
  assert.equal(await prepareSiteKey(database, file, 4000), true);
  assert.notEqual(readFileSync(file, 'utf8'), revoked);
  writeFileSync(file, 'cadk_half');
  assert.equal(await prepareSiteKey(database, file, 5000), true);
  assert.equal(await prepareSiteKey(database, file, 6000), false);
});

it('replaces nothing but a key', async () => {
  const other = join(folder, 'passwd');
  writeFileSync(other, 'root:x:0:0\n');
  for (const file of [other, folder, '/dev/null']) {
    await assert.rejects(prepareSiteKey(database, file, 7000), {
      name: 'ConfigurationError',
      message: /name another file/,
    });
  }
  assert.equal(readFileSync(other, 'utf8'), 'root:x:0:0\n');
  assert.equal(statSync('/dev/null').isCharacterDevice(), true);
});
