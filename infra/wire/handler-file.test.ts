import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectFolder } from '../tests/support/project-folder.ts';
import { findHandlerFile } from './handler-file.ts';

test('a folder with the name of the module is not the module', (t) => {
  const { folder } = projectFolder(t, { 'src/users.mjs': '', 'src/users/get.js': '' });
  const fileOf = (handler: string) => findHandlerFile(folder, handler).file;
  assert.equal(fileOf('src/users.handler'), join(folder, 'src/users.mjs'));
  assert.equal(fileOf('src/users/get.handler'), join(folder, 'src/users/get.js'));
  assert.equal(fileOf('src.handler'), undefined);
});
