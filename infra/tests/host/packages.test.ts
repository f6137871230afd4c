/** Packages that functions of the host find beside their code: layers, and the AWS SDK of the host. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { it } from 'node:test';
import { promisify } from 'node:util';
import { projectFolder } from '../support/project-folder.ts';

const hook = join(import.meta.dirname, '../../../dist/router/packages.cjs');

it('requires and imports find files of layers and the SDK, and nothing else of the host', async (t) => {
  const sdk = 'host/node_modules/@aws-sdk/client-thing';
  const { folder } = projectFolder(t, {
    'one/nodejs/text.js': "exports.text = 'one';",
    'two/nodejs/text.js': "exports.text = 'two';",
    [`${sdk}/package.json`]: '{"main": "main.js"}',
    [`${sdk}/main.js`]: "exports.thing = 'sdk';",
    'host/node_modules/other/index.js': '',
    'app/old.cjs': `
      const missing = (name) => { try { require(name); } catch (error) { return error.code; } };
      console.log(require('/opt/nodejs/text').text, require('@aws-sdk/client-thing').thing, missing('other'), missing('@aws-sdk/x'));`,
    'app/new.mjs': `
      import { text } from '/opt/nodejs/text.js';
      import { thing } from '@aws-sdk/client-thing';
      const missing = (name) => import(name).catch((error) => error.code);
      console.log(text, thing, await missing('other'), await missing('@aws-sdk/x'), process.env.HOST_PACKAGES);`,
  });
  const layers = [join(folder, 'one'), join(folder, 'two')];
  const env = { HOST_PACKAGES: JSON.stringify({ layers, sdkFolder: join(folder, 'host/node_modules') }) };
  assert.equal(await output(join(folder, 'app/old.cjs'), env), 'two sdk MODULE_NOT_FOUND MODULE_NOT_FOUND');
  assert.equal(
    await output(join(folder, 'app/new.mjs'), env),
    'two sdk ERR_MODULE_NOT_FOUND ERR_MODULE_NOT_FOUND undefined',
  );
});

it('code below a package.json with "type": "module" is what it is on Lambda, where nothing is above it', async (t) => {
  const { folder } = projectFolder(t, {
    'package.json': '{"type": "module"}',
    'code/index.js': "exports.all = [require('./below/other').one, require('package'), typeof module];",
    'code/below/other.js': 'exports.one = 1;',
    'code/esm.js': "import index from './index.js'; export const all = index.all;",
    'code/own/package.json': '{"type": "module"}',
    'code/own/strict.js': 'export const isStrict = this === undefined;',
    'code/own/neutral.js': 'globalThis.isStrict = this === undefined;',
    'code/node_modules/package/index.js': 'module.exports = typeof exports;',
    'start.mjs': `
      const { all } = await import('./code/index.js');
      const { isStrict } = await import('./code/own/strict.js');
      await import('./code/own/neutral.js');
      console.log(JSON.stringify([all, (await import('./code/esm.js')).all, isStrict, globalThis.isStrict]));`,
    'start.cjs': "console.log(JSON.stringify(require('./code/index.js').all));",
  });
  const env = { HOST_PACKAGES: JSON.stringify({ layers: [], ownScope: join(folder, 'code') }) };
  const all = [1, 'object', 'object'];
  assert.deepEqual(JSON.parse(await output(join(folder, 'start.mjs'), env)), [all, all, true, true]);
  assert.deepEqual(JSON.parse(await output(join(folder, 'start.cjs'), env)), all);
});

/** @returns what a program prints that has the module of the host */
async function output(file: string, env: NodeJS.ProcessEnv): Promise<string> {
  return (await promisify(execFile)(process.execPath, ['--require', hook, file], { env })).stdout.trim();
}
