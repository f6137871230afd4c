import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'cadastro-invoke-'));
after(() => rmSync(folder, { recursive: true }));

/** Runs the script as `npm run invoke -- …` does, with a database for this test file. */
async function invoke(
  args: string[],
  input: string | Readable = '',
  env = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, ['infra/scripts/invoke.ts', ...args], {
    cwd: root,
    env: { PATH: process.env.PATH, DATABASE_URL: `sqlite:${join(folder, 'app.db')}`, ...env },
  });
  child.stdin.on('error', () => {});
  Readable.from(input).pipe(child.stdin);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code, stdout, stderr };
}

test('prints the response on stdout, and logs, duration and memory on stderr', async () => {
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

test('takes no event that never ends, and says so in one line', async () => {
  const zeros = spawn('cat', ['/dev/zero'], { stdio: ['ignore', 'pipe', 'ignore'] });
  after(() => zeros.kill());
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  for (const file of ['/dev/zero', pipe]) {
    const { code, stderr } = await invoke(['get-user', '--event', file]);
    assert.deepEqual([code, stderr], [2, 'The event cannot be read: it is no regular file\n']);
  }
  const { code, stderr } = await invoke(['get-user', '--event', '-'], zeros.stdout);
  assert.deepEqual([code, stderr], [2, 'The event cannot be read: it has more than 6 MB\n']);
});

test('takes a ready-made event, and says which records of a batch failed', async () => {
  const fixtures = { DIST_FOLDER: 'dist/fixtures' };
  const batch = await invoke(['batch', '--sample', 'sqs'], '', fixtures);
  assert.equal(batch.code, 0, batch.stderr);
  const [failure] = JSON.parse(batch.stdout).batchItemFailures;
  assert.match(batch.stderr, /^Batch of 2: 1 failed; Lambda would deliver again record 1 \(\S+\)$/m);
  assert.ok(batch.stderr.includes(`1 (${failure.itemIdentifier})`));

  const rest = await invoke(['echo', '--sample', 'rest'], '', fixtures);
  assert.equal(JSON.parse(rest.stdout).event.resource, '/things/{id}');
  assert.doesNotMatch(rest.stderr, /^Batch/m);
});

test('prints the event instead of running the function', async () => {
  const printed = await invoke(['get-user', '--path', '/users/7', '--print']);
  assert.equal(printed.code, 0, printed.stderr);
  assert.deepEqual(JSON.parse(printed.stdout).pathParameters, { id: '7' });
});

test('exits with 1 when the function fails, and prints its error', async () => {
  const failed = await invoke(['handled-error', '--path', '/handled-error?throw=1'], '', {
    DIST_FOLDER: 'dist/fixtures',
  });
  assert.equal(failed.code, 1, failed.stderr);
  const { errorType, trace } = JSON.parse(failed.stdout);
  assert.equal(errorType, 'TeapotError');
  assert.match(trace[1], /infra\/tests\/fixtures\/handled-error\/handler\.ts:\d+:\d+/);
});

test('waits for a debugger, and the time-out does not count while the debugger stops the handler', async (t) => {
  const args = ['--inspect-port=0', 'infra/scripts/invoke.ts', 'debugged', '--inspect'];
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { PATH: process.env.PATH, DIST_FOLDER: 'dist/fixtures' },
  });
  t.after(() => child.kill('SIGKILL'));
  const printed = text(child.stdout);
  let address: string | undefined;
  for await (const line of createInterface(child.stderr)) {
    address = /ws:\/\/\S+/.exec(line)?.[0];
    if (address) break;
  }
  child.stderr.resume();
  const socket = new WebSocket(address ?? '');
  const send = (method: string) => socket.send(JSON.stringify({ id: 1, method }));
  const events = new EventEmitter();
  socket.onmessage = ({ data }) => events.emit(JSON.parse(data).method);
  await once(socket, 'open');
  const paused = once(events, 'Debugger.paused');
  send('Debugger.enable');
  send('Runtime.runIfWaitingForDebugger');
  await paused;
  // The function's time-out is one second.
  await new Promise((resolve) => setTimeout(resolve, 1100));
  const resumed = once(events, 'Debugger.resumed');
  send('Debugger.resume');
  await resumed;
  // Node.js does not exit before the debugger leaves.
  socket.close();
  assert.equal(await printed, '"resumed"\n');
});

test('says in one line what is wrong with its arguments, and exits with 2', async () => {
  const cases: [string[], RegExp][] = [
    [['no-such-function'], /^There is no function "no-such-function": .*create-user, /],
    [[], /^Name a function: .*create-user, /],
    [['get-user', '--event', '-'], /^The event in - is not JSON: /],
    [['get-user', '--event', 'no-such-file.json'], /^The event cannot be read: ENOENT/],
    [['get-user', '--path', '/elsewhere'], /^GET \/elsewhere does not match a route of get-user: GET \/users\/\{id\}$/],
    [['get-user'], /^get-user has the route GET \/users\/\{id\}: add --path \/users\/1$/],
    [['get-user', '--sample', 'kafka'], /^There is no sample "kafka": sqs, sns, s3, .*schedule, http, rest, url$/],
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
