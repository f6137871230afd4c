import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectFolder } from '../../tests/support/project-folder.ts';
import { isInModuleScope } from './module-scope.ts';

test('the nearest package.json above a code folder decides, unless the folder has one of its own', (t) => {
  const { folder } = projectFolder(t, {
    'package.json': '{ "type" : "module" }',
    'cdk.out/asset/index.js': '',
    'own/package.json': '{"type": "module"}',
    'old/package.json': '{"type": "commonjs"}',
    'old/code/index.js': '',
  });
  const found = ['cdk.out/asset', 'own', 'old/code'].map((path) => isInModuleScope(join(folder, path)));
  assert.deepEqual(found, [true, false, false]);
});
