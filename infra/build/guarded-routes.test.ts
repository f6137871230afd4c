import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as esbuild from 'esbuild';
import { guardedRoutes } from './guarded-routes.mjs';

test('the table has the role of each route, and whether its handler refuses callers as `serve` does', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-routes-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const write = (name: string, settings: object, code: string) => {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'function.json'), JSON.stringify(settings));
    writeFileSync(join(folder, name, 'handler.ts'), code);
  };
  write('authorize', {}, "export { default } from 'virtual:guarded-routes';");
  write('a', { route: 'GET /a', role: 'reader' }, "import { serve } from '#lib/http/serve.ts';\n");
  write('b', { route: ['GET /b', { key: 'PUT /b' }] }, "import {\n  log,\n  serve,\n} from '#lib/http/serve.ts';\n");
  write('c', { route: 'GET /c', role: 'reader' }, "// import { serve } from '#lib/http/serve.ts';\n");
  write('d', { route: 'GET /d', role: 'public' }, "import { serveFile } from '#lib/http/serve.ts';\n");

  const { outputFiles } = await esbuild.build({
    ...{ entryPoints: [join(folder, 'authorize/handler.ts')], bundle: true, format: 'esm', write: false },
    plugins: [guardedRoutes],
  });
  const code = Buffer.from(outputFiles[0]?.text ?? '').toString('base64');
  const { default: table } = await import(`data:text/javascript;base64,${code}`);
  assert.deepEqual(table, {
    'GET /a': { role: 'reader', refuses: true },
    'GET /b': { role: 'administrator', refuses: true },
    'PUT /b': { role: 'administrator', refuses: true },
    'GET /c': { role: 'reader', refuses: false },
    'GET /d': { role: 'public', refuses: false },
  });
});
