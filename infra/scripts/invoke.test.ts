import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'cadastro-invoke-'));
after(() => rmSync(folder, { recursive: true }));

/** Runs the script as `npm run invoke -- …` does, with a database of this file's own. */
async function invoke(args: string[], input = '', env = {}): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, ['infra/scripts/invoke.ts', ...args], {
    cwd: root,
    env: { PATH: process.env.PATH, DATABASE_URL: `sqlite:${join(folder, 'app.db')}`, ...env },
  });
  child.stdin.end(input);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code, stdout, stderr };
}

test('prints the answer on stdout, and logs, duration and memory on stderr', async () => {
  const created = await invoke(['create-user', '--body', '{"name":"Ana","email":"ana@example.org"}']);
  assert.equal(created.code, 0, created.stderr);
  assert.equal(JSON.parse(created.stdout).statusCode, 201);
  assert.match(created.stderr, /^\{.*"message":"User created".*\}$/m);

  const found = await invoke(['get-user', '--path', '/users/1']);
  assert.equal(JSON.parse(JSON.parse(found.stdout).body).name, 'Ana');
  assert.match(found.stderr, /^REPORT RequestId: \S+ {2}Duration: [\d.]+ ms .*Max Memory Used: \d+ MB$/m);
});

test('takes an event from a file and from standard input', async () => {
  const fromFile = await invoke(['get-user', '--event', 'functions/get-user/events/missing.json']);
  assert.equal(fromFile.code, 0, fromFile.stderr);
  assert.equal(JSON.parse(fromFile.stdout).statusCode, 404);
  const fromInput = await invoke(['migrate', '--event', '-'], '{}');
  assert.equal(fromInput.code, 0, fromInput.stderr);
});

test('exits with 1 when the function fails, and prints its error', async () => {
  const failed = await invoke(['handled-error', '--path', '/handled-error?throw=1'], '', {
    DIST_FOLDER: 'dist/fixtures',
  });
  assert.equal(failed.code, 1, failed.stderr);
  assert.equal(JSON.parse(failed.stdout).errorType, 'TeapotError');
});

test('says in one line what is wrong with its arguments, and exits with 2', async () => {
  const cases: [string[], RegExp][] = [
    [['no-such-function'], /^There is no function "no-such-function": create-user, /],
    [[], /^Which function: create-user, /],
    [['get-user', '--event', '-'], /^The event in - is no JSON: /],
    [['get-user', '--event', 'no-such-file.json'], /^The event can't be read: ENOENT/],
    [['get-user', '--path', '/elsewhere'], /^GET \/elsewhere is none of get-user's routes: GET \/users\/\{id\}$/],
    [['get-user', '--colour'], /^Unknown option '--colour'/],
  ];
  const results = await Promise.all(cases.map(([args]) => invoke(args, '{"broken"')));
  for (const [index, { code, stdout, stderr }] of results.entries()) {
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr.trim(), (cases[index] as [string[], RegExp])[1]);
    assert.equal(stderr.trim().split('\n').length, 1, stderr);
  }
});
