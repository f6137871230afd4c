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
  const use = 'export const handler = serve(() => {});\n';
  const one = "import { serve } from '#lib/http/serve.ts';\n";
  write('a', { route: 'GET /a', role: 'reader' }, one + use);
  write(
    'b',
    { route: ['GET /b', { key: 'PUT /b' }] },
    `import {\n  log,\n  serve,\n} from '#lib/http/serve.ts';\n${use}`,
  );
  write('c', { route: 'GET /c', role: 'reader' }, `// ${one}${use}`);
  write('d', { route: 'GET /d', role: 'public' }, `import { serveFile as serve } from './other.ts';\n${use}`);
  const wrapped = 'const inner = serve(() => {});\nexport const handler = (event) => event.own ?? inner(event);\n';
  write('e', { route: 'GET /e', role: 'reader' }, one + wrapped);
  write(
    'f',
    { route: 'GET /f', role: 'reader', handler: 'handler.other' },
    `${one}${use}export const other = () => 1;\n`,
  );

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
    'GET /e': { role: 'reader', refuses: false },
    'GET /f': { role: 'reader', refuses: false },
  });
});
