import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ConfigurationError } from '../config.ts';
import { locateRic } from './locate-ric.ts';

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-ric-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** @returns the client's index.mjs */
function install(into: string, { built = true } = {}): string {
  const folder = join(into, 'node_modules/aws-lambda-ric');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"name":"aws-lambda-ric","main":"index.mjs"}');
  writeFileSync(join(folder, 'index.mjs'), '');
  if (built) writeFileSync(join(folder, 'rapid-client.node'), '');
  return join(folder, 'index.mjs');
}

test('it is found in a node_modules above the router, as in the images', (t) => {
  const root = folderFor(t);
  const file = install(root);
  assert.equal(locateRic(undefined, join(root, 'dist/router')), file);
});

test('it is found where npm run ric:install puts it', (t) => {
  const root = folderFor(t);
  const file = install(join(root, 'infra/aws/ric'));
  assert.equal(locateRic(undefined, join(root, 'dist/router')), file);
});

test('RIC_PATH names its folder or its index.mjs, before all else', (t) => {
  const root = folderFor(t);
  install(root);
  const file = install(join(root, 'elsewhere'));
  assert.equal(locateRic(join(file, '..'), join(root, 'dist/router')), file);
  assert.equal(locateRic(file, join(root, 'dist/router')), file);
});

test('one clear line says that it is absent, and what installs it', (t) => {
  const root = folderFor(t);
  assert.throws(
    () => locateRic(undefined, join(root, 'dist/router')),
    (error: Error) =>
      error instanceof ConfigurationError &&
      /FUNCTION_RUNTIME=ric .*aws-lambda-ric.*npm run ric:install.*cmake/.test(error.message) &&
      !error.message.includes('\n'),
  );
});

test('one clear line says that RIC_PATH leads nowhere', (t) => {
  const root = folderFor(t);
  assert.throws(() => locateRic('/nowhere', root), /RIC_PATH is "\/nowhere"/);
});

test('one clear line says that it was installed without being built', (t) => {
  const root = folderFor(t);
  install(root, { built: false });
  assert.throws(() => locateRic(undefined, join(root, 'dist/router')), /has not been built.*npm run ric:install/);
});
