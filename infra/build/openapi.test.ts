import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { watchFunctions } from '../../esbuild.config.mjs';

test('every build lists the routes and operations that the folders have by then', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-openapi-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const write = (path: string, text: string) => {
    mkdirSync(join(folder, 'functions', dirname(path)), { recursive: true });
    writeFileSync(join(folder, 'functions', path), text);
  };
  write('openapi/function.json', '{"description":"Lists"}');
  write('openapi/handler.ts', "import list from 'virtual:documented-functions'; export const handler = () => list;");
  write('one/function.json', '{"route":"GET /one"}');
  write('one/handler.ts', 'export const handler = () => 1;');
  const watched = watchFunctions(join(folder, 'functions'), join(folder, 'dist'));
  t.after(() => watched.stop());
  const listed = async () => {
    await watched.rebuild();
    const manifest = JSON.parse(readFileSync(join(folder, 'dist/functions.json'), 'utf8'));
    const { code } = manifest.find(({ name }: { name: string }) => name === 'openapi');
    const { handler } = await import(join(folder, 'dist', code, 'handler.mjs'));
    return handler();
  };

  const one = { name: 'one', routes: ['GET /one'] };
  const openapi = { name: 'openapi', description: 'Lists', routes: [] };
  assert.deepEqual(await listed(), [one, openapi]);

  write('one/openapi.ts', "export const operation = { summary: 'One' };");
  assert.deepEqual(await listed(), [{ ...one, operation: { summary: 'One' } }, openapi]);

  write('two/function.json', '{"route":["GET /two","PUT /two"]}');
  write('two/handler.ts', 'export const handler = () => 2;');
  const two = { name: 'two', routes: ['GET /two', 'PUT /two'] };
  assert.deepEqual(await listed(), [{ ...one, operation: { summary: 'One' } }, openapi, two]);
});
