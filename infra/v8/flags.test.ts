import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { routerFlags } from './flags.ts';

test('the image starts the router with the same flags as npm start', () => {
  const dockerfile = readFileSync(join(import.meta.dirname, '../router/Dockerfile'), 'utf8');
  const command = /^CMD (.*)$/m.exec(dockerfile)?.[1] ?? '';
  assert.deepEqual(JSON.parse(command), ['node', ...routerFlags, 'dist/router/main.mjs']);
});
