/** Arguments with control characters: each command names them in one line that no terminal obeys. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '../..');

/** ESC, the C1 form of CSI, and two line ends. */
const hostile = 'x\u001b[2J\u009b2Jforged\nline\u2028';
const escaped = 'x\\u001b[2J\\u009b2Jforged';

const commands: [command: string, ...args: string[]][] = [
  ['run.mjs', hostile],
  ['invoke.ts', hostile],
  ['invoke.ts', 'get-user', '--sample', hostile],
  ['invoke.ts', 'get-user', '--event', hostile],
  ['seed.ts', hostile],
  ['seed.ts', '--api', hostile],
  ['new.ts', 'get-thing', 'GET /things', hostile],
  ['new.ts', hostile, 'GET /things'],
  ['backup.ts', '--force', hostile, hostile],
  ['restore.ts', hostile],
  ['erase.ts', hostile],
  ['move.ts', `sqlite:${hostile}`],
  ['keys.ts', 'revoke', hostile],
  ['people.ts', hostile],
  ['host.ts', hostile],
];

for (const [command, ...args] of commands) {
  test(`${command} ${JSON.stringify(args)}`, async () => {
    const env = {
      PATH: process.env.PATH,
      DIST_FOLDER: join(root, 'dist'),
      DATABASE_URL: `sqlite:/dev/null/${hostile}`,
    };
    const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
      execFile(process.execPath, [join('infra/scripts', command), ...args], { cwd: root, env }, (error, _out, text) =>
        resolve({ code: error?.code, stderr: text }),
      );
    });
    assert.ok(code === 1 || code === 2, stderr);
    assert.doesNotMatch(stderr, /(?!\n)[\p{Cc}\u2028]/u);
    assert.ok(stderr.includes(escaped) || !stderr.includes('forged'), stderr);
    const lines = stderr.trimEnd().split('\n');
    assert.ok(lines.length <= 2 && !/^ {4}at /m.test(stderr), stderr);
  });
}
