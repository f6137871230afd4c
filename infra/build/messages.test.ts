/** The messages of the build about mistakes in handlers. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../..');

/** Builds one function. @returns whether it was built, and what the build wrote */
async function build(t: TestContext, handler: string, settings: object = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-messages-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const functions = join(folder, 'functions');
  mkdirSync(join(functions, 'one'), { recursive: true });
  writeFileSync(join(functions, 'one/function.json'), JSON.stringify(settings));
  writeFileSync(join(functions, 'one/handler.ts'), handler);
  const script = `
    const { buildFunctions } = await import('./esbuild.config.mjs');
    await buildFunctions(${JSON.stringify(functions)}, ${JSON.stringify(join(folder, 'dist'))}).catch(({ message }) => console.error(message));
  `;
  const { stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { cwd: root });
  return { isBuilt: existsSync(join(folder, 'dist/functions.json')), output: stderr };
}

test('a missing export is an error that names the source file', async (t) => {
  const { isBuilt, output } = await build(t, 'export const main = () => 1;');
  assert.equal(isBuilt, false);
  assert.match(output, /functions\/one\/handler\.ts must export "handler"/);
  assert.equal((await build(t, 'export const main = () => 1;', { handler: 'handler.main' })).isBuilt, true);
  assert.equal((await build(t, 'export default { handler: () => 1 };')).isBuilt, true);
});

test('a variable that the function reads and does not get is a warning that names the line', async (t) => {
  const handler = '\nexport const handler = () => process.env.TABLE ?? process.env.AWS_REGION;\n// process.env.OTHER';
  const { isBuilt, output } = await build(t, handler);
  assert.equal(isBuilt, true);
  assert.match(
    output,
    /^Warning: \S*functions\/one\/handler\.ts:2 reads TABLE, .* add it to "environment" in \S*function\.json\n$/,
  );
  assert.equal((await build(t, handler, { environment: ['TABLE'] })).output, '');
});

test('control characters of a source are escaped in messages', async (t) => {
  const handler =
    "import x from './\\u001b[2J'; /* \u001b[31m */ import y from './\u009b2J\u2028'; export const handler = () => x + y;";
  const { isBuilt, output } = await build(t, handler);
  assert.equal(isBuilt, false);
  assert.doesNotMatch(output, /(?!\n)[\p{Cc}\u2028]/u);
  assert.match(output, /import x from '.\/\\u001b\[2J'/);
});

test('a missing package is an error that says how to install it', async (t) => {
  const { isBuilt, output } = await build(t, "import x from '@no/such/part'; export const handler = () => x;");
  assert.equal(isBuilt, false);
  assert.match(output, /Could not resolve "@no\/such\/part"/);
  assert.match(output, /npm install --save-dev --save-exact @no\/such\n/);
  assert.doesNotMatch(output, /external/);
});
