import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { chooseNode } from './choose-node.mjs';

/** Programs that say that they are Node. @returns their paths, and the folder of the packaged one */
function programs(t: TestContext, versions: { host: string; packaged?: string }) {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-node-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const write = (name: string, version: string) => {
    writeFileSync(join(folder, name), `#!/bin/sh\necho ${version}\n`);
    chmodSync(join(folder, name), 0o755);
    return join(folder, name);
  };
  const host = write('host-node', versions.host);
  const packaged = versions.packaged && write('node', versions.packaged);
  return { host, packaged, bin: folder };
}

test("the host's Node runs the tasks where it is new enough", (t) => {
  const { host, bin } = programs(t, { host: 'v26.1.0', packaged: 'v24.0.0' });
  assert.deepEqual(chooseNode(host, bin), { node: host, isPackaged: false });
});

test('the packaged Node runs the tasks where the Node of the host is too old', (t) => {
  const { host, packaged, bin } = programs(t, { host: 'v20.20.2', packaged: 'v24.0.0' });
  assert.deepEqual(chooseNode(host, bin), { node: packaged, isPackaged: true });
});

test('an old Node on a platform without a package is told to be renewed', (t) => {
  const { host, bin } = programs(t, { host: 'v20.20.2' });
  assert.throws(() => chooseNode(host, bin), /There is no package of Node\.js for .*: install Node\.js 24/);
});
