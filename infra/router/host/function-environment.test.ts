import assert from 'node:assert/strict';
import { test } from 'node:test';
import { projectFolder } from '../../tests/support/project-folder.ts';
import { commonVariables, readDotenv } from './function-environment.ts';

test('.env of the first folder that has one counts, and the shell wins over it', (t) => {
  const first = projectFolder(t, {});
  const second = projectFolder(t, { '.env': 'A=file\nB="file b"\nBAD-NAME=x\n' });
  const third = projectFolder(t, { '.env': 'C=other\n' });
  const folders = [first, second, third].map(({ folder }) => folder);
  assert.deepEqual(readDotenv(folders, { A: 'shell', C: 'shell' }), { A: 'shell', B: 'file b' });
  assert.deepEqual(readDotenv([first.folder], {}), {});
});

test('functions get credentials that no account accepts, unless keys or a profile are named', () => {
  const keys = { AWS_ACCESS_KEY_ID: 'defaultkey', AWS_SECRET_ACCESS_KEY: 'defaultsecret' };
  assert.deepEqual(commonVariables('folder', {}, { OTHER: 'x' }), keys);
  assert.deepEqual(commonVariables('sam', {}, {}), { ...keys, AWS_SAM_LOCAL: 'true' });
  assert.deepEqual(commonVariables('serverless', { AWS_PROFILE: 'dev' }, {}), {
    IS_OFFLINE: 'true',
    AWS_PROFILE: 'dev',
  });
  // Half of the dummy keys beside the caller's own would sign for nobody.
  assert.deepEqual(commonVariables('folder', {}, { AWS_ACCESS_KEY_ID: 'mine' }), { AWS_ACCESS_KEY_ID: 'mine' });
});
