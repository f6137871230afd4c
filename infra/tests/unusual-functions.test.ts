/** Functions that are legal but unlike the project's own must not fail the project's own tests. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { copyProject } from './support/project-copy.ts';

const copy = copyProject();
after(() => copy.remove());

const handler = "import { serve } from '#lib/http/serve.ts';\nexport const handler = serve(() => {});\n";
const files = {
  'several-routes/function.json': '{ "route": ["GET /several", "ANY /several/{rest+}", "$default"] }\n',
  'several-routes/handler.ts': handler,
  'top-level-await/function.json': '{ "route": "GET /await" }\n',
  'top-level-await/handler.ts': `await Promise.resolve();\n${handler}`,
  'without-settings/notes.ts': 'export const notes = 1;\n',
};

test('several routes, a top-level await, and a folder without function.json', async () => {
  for (const [path, text] of Object.entries(files)) {
    const file = join(copy.folder, 'functions', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  await copy.run('node', 'esbuild.config.mjs');
  const tests = ['functions/openapi/handler.test.ts', 'infra/aws/template.test.ts', 'infra/tests/build.test.ts'];
  await copy.run('node', '--test', ...tests);
});
