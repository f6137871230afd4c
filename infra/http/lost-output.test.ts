import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { pathToFileURL } from 'node:url';

const module = pathToFileURL(join(import.meta.dirname, 'lost-output.ts')).href;
const skip = !existsSync('/dev/full') && 'the system has no /dev/full';

it('a process goes on when the disk of its output is full', { skip }, () => {
  const program = (survive: string) =>
    `${survive} process.stdout.write('lost'); process.stderr.write('lost'); setTimeout(() => process.exit(7), 50);`;
  const full = openSync('/dev/full', 'w');
  const statusOf = (survive: string) =>
    spawnSync(process.execPath, ['--input-type=module', '-e', program(survive)], { stdio: ['ignore', full, full] })
      .status;
  try {
    assert.equal(statusOf(`import { surviveLostOutput } from '${module}'; surviveLostOutput();`), 7);
    assert.notEqual(statusOf(''), 7);
  } finally {
    closeSync(full);
  }
});
