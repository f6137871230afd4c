/** The pauses after failed attempts to sign in, on a SQLite database. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, it } from 'node:test';
import { migrations, schemaVersion } from '#migrations';
import { readConfig } from '../config.ts';
import { Database } from '../database/database.ts';
import { SignInPaused } from './account-errors.ts';
import { beginAttempt, forgiveAttempt } from './sign-in-failures.ts';

const folder = mkdtempSync(join(tmpdir(), 'cadastro-failures-'));
const database = new Database(readConfig({ DATABASE_URL: `sqlite:${join(folder, 'app.db')}` }).database, schemaVersion);
await database.migrate(migrations);
after(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => database.transact(async (connection) => void (await connection.run('DELETE FROM sign_in_failures'))));

const rules = { attempts: 3, maxPauseMs: 900_000 };
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const begun = Date.UTC(2030, 0, 1);

/** @returns the seconds to wait; 0 for an attempt that is counted */
async function attempt(name: string, client: string | undefined, now = begun): Promise<number> {
  try {
    await database.transact((connection) => beginAttempt(connection, { name, client }, rules, now));
    return 0;
  } catch (error) {
    if (!(error instanceof SignInPaused)) throw error;
    return Number(error.headers['retry-after']);
  }
}

const succeed = (name: string, client: string, now = begun) =>
  database.transact((connection) => forgiveAttempt(connection, { name, client }, now));

/** Fails once from each of several addresses. */
async function failFrom(addresses: number, name: string, now = begun): Promise<void> {
  for (let index = 0; index < addresses; index++) assert.equal(await attempt(name, `10.0.${index}`, now), 0);
}

it('pauses an account at the address that failed, twice as long each time and no longer than the limit', async () => {
  for (let index = 0; index < 3; index++) assert.equal(await attempt('Ada', 'a'), 0);
  let now = begun;
  const waits: number[] = [];
  for (let index = 0; index < 12; index++) {
    const seconds = await attempt('ADA', 'a', now);
    waits.push(seconds);
    now += seconds * 1000;
    assert.equal(await attempt('Ada', 'a', now), 0);
  }
  assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
});

it('keeps no owner out for longer than a minute, however long a stranger guesses from one address', async () => {
  await succeed('Ada', 'home');
  const end = begun + 3 * dayMs;
  let now = begun;
  let guesses = 0;
  while (now < end) {
    const seconds = await attempt('Ada', 'stranger', now);
    if (seconds === 0) guesses++;
    now += seconds * 1000;
  }
  assert.ok(guesses > 100 && guesses < 350, `${guesses} guesses in three days`);
  assert.equal(await attempt('Ada', 'stranger', now), 0);
  assert.equal(await attempt('Ada', 'stranger', now), 900);
  const elsewhere = await attempt('Ada', 'elsewhere', now);
  assert.ok(elsewhere <= 60, `${elsewhere} s`);
  assert.equal(await attempt('Ada', 'elsewhere', now + elsewhere * 1000), 0);
  assert.equal(await attempt('Ada', 'home', now + elsewhere * 1000), 0);
});

it('pauses an address that tries many accounts, and nobody else', async () => {
  for (let index = 0; index < 12; index++) assert.equal(await attempt(`person ${index}`, 'a'), 0);
  assert.equal(await attempt('Ada', 'a'), 1);
  assert.equal(await attempt('Ada', 'b'), 0);
});

it('slows guesses at one account from many addresses to one a minute', async () => {
  await failFrom(60, 'Ada');
  let now = begun;
  let guesses = 0;
  for (let index = 0; now < begun + dayMs; index++) {
    const seconds = await attempt('Ada', `192.0.${index}`, now);
    assert.ok(seconds <= 60, 'the owner at a new address has to wait for it, too');
    if (seconds === 0) guesses++;
    now += seconds * 1000;
  }
  assert.ok(guesses < 24 * 60 + 10, `${guesses} guesses in a day`);
  assert.equal(await attempt('Grace', '192.0.0', now), 0, 'other accounts do not wait');
});

it('lets the owner in from a known address while many addresses guess', async () => {
  await succeed('Ada', 'home');
  await failFrom(60, 'Ada');
  assert.equal(await attempt('Ada', 'elsewhere'), 1);
  assert.equal(await attempt('Ada', 'home'), 0);
  // The known address has pauses of its own for guesses.
  assert.equal(await attempt('Ada', 'home'), 0);
  assert.equal(await attempt('Ada', 'home'), 0);
  assert.equal(await attempt('Ada', 'home'), 1);
  await failFrom(60, 'Grace');
  assert.equal(await attempt('Grace', 'home'), 1, 'it is known for one account');
});

it('knows an address for 30 days, and forgets failures after a day', async () => {
  await succeed('Ada', 'home');
  for (let index = 0; index < 3; index++) await attempt('Ada', 'a');
  assert.equal(await attempt('Ada', 'a'), 1);
  await failFrom(57, 'Ada', begun + 30 * dayMs);
  assert.equal(await attempt('Ada', 'home', begun + 30 * dayMs), 0);
  const rows = () => database.use((connection) => connection.all('SELECT id FROM sign_in_failures'));
  assert.ok((await rows()).length > 50);
  await failFrom(60, 'Ada', begun + 40 * dayMs);
  assert.equal(await attempt('Ada', 'home', begun + 40 * dayMs), 1, 'the address is not known any more');
});

it('makes nobody wait for a clock that was ahead, and is right again', async () => {
  const ahead = begun + dayMs;
  for (let index = 0; index < 4; index++) await attempt('Ada', 'a', ahead + index * minuteMs);
  await attempt('Bob', 'b', ahead);
  assert.deepEqual([await attempt('Ada', 'a'), await attempt('Bob', 'b')], [2, 0]);
});

it('begins anew after a success, but for the other failures of the address', async () => {
  for (let index = 0; index < 2; index++) await attempt('Ada', 'a');
  for (let index = 0; index < 9; index++) await attempt(`person ${index}`, 'a');
  await attempt('Ada', 'a');
  await succeed('Ada', 'a');
  assert.equal(await attempt('Ada', 'a'), 0);
  assert.equal(await attempt('Ada', 'a'), 1, 'the address has failed 12 times');
});

it('counts where nobody knows the address', async () => {
  for (let index = 0; index < 3; index++) assert.equal(await attempt('Ada', undefined), 0);
  assert.equal(await attempt('Ada', undefined), 1);
});
