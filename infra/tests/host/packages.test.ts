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
  const output = async (file: string) =>
    (
      await promisify(execFile)(process.execPath, ['--require', hook, join(folder, 'app', file)], { env })
    ).stdout.trim();
  assert.equal(await output('old.cjs'), 'two sdk MODULE_NOT_FOUND MODULE_NOT_FOUND');
  assert.equal(await output('new.mjs'), 'two sdk ERR_MODULE_NOT_FOUND ERR_MODULE_NOT_FOUND undefined');
});
