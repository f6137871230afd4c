/** The commands `people` and `keys`, as a person runs them. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { Accounts } from '#lib/accounts/accounts.ts';
import { Authenticator } from '#lib/accounts/authenticator.ts';
import { readConfig } from '#lib/config.ts';
import { Database } from '#lib/database/database.ts';
import { schemaVersion } from '#migrations';
import { runCommand } from '../../tests/support/data-commands.ts';

const folder = mkdtempSync(join(tmpdir(), 'cadastro-commands-'));
const DATABASE_URL = `sqlite:${join(folder, 'app.db')}`;
const config = readConfig({ DATABASE_URL });
const database = new Database(config.database, schemaVersion);
const accounts = new Accounts(database, config.accounts);
after(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

const password = 'correct horse battery';
const run = async (name: string, args: string[], input?: string, env: Record<string, string> = {}) => {
  const { code, stdout, stderr } = await runCommand(
    name,
    args,
    { DATABASE_URL, ...env },
    input ? Buffer.from(input) : undefined,
  );
  return { code, stdout: stdout.toString(), stderr };
};

it('adds the first administrator to a database that does not exist yet, and manages people', async () => {
  const added = await run('people', ['add', 'Ada Lovelace', '--role', 'administrator'], `${password}\n`);
  assert.deepEqual(added, { code: 0, stdout: '', stderr: 'Added Ada Lovelace: administrator, active\n' });
  const signIn = () => accounts.signIn({ name: 'ada lovelace', client: undefined }, password);
  assert.equal((await signIn()).person.role, 'administrator');

  const invited = await run('people', ['add', 'Grace', '--link']);
  assert.equal(invited.code, 0, invited.stderr);
  await accounts.useLink(invited.stdout.trim(), password);
  const { stdout: token } = await run('people', ['link', 'GRACE']);
  await accounts.readLink(token.trim());
  const withUrl = await run('people', ['link', 'Grace'], undefined, { PUBLIC_URL: 'https://users.example.com/' });
  const [, address, ofUrl = ''] = /^(.*)#(.+)\n$/.exec(withUrl.stdout) ?? [];
  assert.equal(address, 'https://users.example.com/link', withUrl.stderr);
  await accounts.readLink(ofUrl);

  assert.match((await run('people', ['role', 'Grace', 'administrator'])).stderr, /Grace: administrator/);
  assert.match((await run('people', ['disable', 'Ada Lovelace'])).stderr, /disabled/);
  await assert.rejects(signIn, { name: 'SignInFailed' });
  const last = await run('people', ['disable', 'Grace']);
  assert.deepEqual([last.code, /last administrator/.test(last.stderr)], [1, true]);
  await run('people', ['enable', 'Ada Lovelace']);
  const { stdout: list } = await run('people', ['list']);
  assert.match(
    list,
    /^NAME +ROLE +STATE +SIGNED IN\nAda Lovelace +administrator +active +20\S+Z\nGrace +administrator +active +never\n$/,
  );
});

it('creates a key, of which it prints the key alone, lists it without its secret, and revokes it', async () => {
  const { code, stdout } = await run('keys', ['create', 'report', '--role', 'reader', '--days', '90']);
  assert.equal(code, 0);
  assert.match(stdout, /^cadk_[0-9a-f]{16}_[\w-]{43}\n$/);
  const authenticator = new Authenticator(database, config.accounts);
  assert.equal((await authenticator.recognize(stdout.trim()))?.actorName, 'report');
  const { stdout: list } = await run('keys', ['list']);
  assert.match(list, /\nreport +reader +active +20\S+Z +\S+\n$/);
  assert.equal(list.includes(stdout.trim().slice(-43)), false);
  assert.deepEqual(await run('keys', ['revoke', 'report']), { code: 0, stdout: '', stderr: 'Revoked report.\n' });
  assert.equal(await authenticator.recognize(stdout.trim()), undefined);
});

it('explains a wrong argument in one line, with exit code 2, and changes nothing', async () => {
  const before = JSON.stringify(await accounts.list());
  const path = await run('people', ['list'], undefined, { PUBLIC_URL: 'https://users.example.com/cadastro' });
  assert.match(path.stderr, /PUBLIC_URL must be an address without a path/);
  const wrong: [name: string, args: string[], message: RegExp, input?: string][] = [
    ['people', [], /needs add, link, list/],
    ['people', ['add'], /add takes 1 arguments, and there are 0/],
    ['people', ['add', 'Bob', '--role', 'boss'], /"boss": it takes reader, editor, administrator/],
    ['people', ['add', 'Bob', '--email', 'nowhere'], /email must be an e-mail address/],
    ['people', ['add', 'Bob'], /password must have at least 12 characters/, 'short\n'],
    ['people', ['add', 'Bob', '--nonsense'], /nonsense/],
    ['keys', ['create', 'k'], /The role is ""/],
    ['keys', ['create', 'k', '--role', 'reader', '--days', '0'], /--days is "0"/],
  ];
  for (const [name, args, message, input] of wrong) {
    const { code, stderr } = await run(name, args, input);
    assert.deepEqual([code, stderr.split('\n').length], [2, 3], stderr);
    assert.match(stderr, message);
  }
  for (const [name, args] of [
    ['people', ['disable', 'nobody']],
    ['keys', ['create', 'report', '--role', 'reader']],
    ['keys', ['revoke', 'nothing']],
  ] as const) {
    const { code, stderr } = await run(name, [...args]);
    assert.deepEqual([code, stderr.split('\n').length], [1, 2], stderr);
    assert.doesNotMatch(stderr, /^(.+): \1/);
  }
  assert.equal(JSON.stringify(await accounts.list()), before);
});
