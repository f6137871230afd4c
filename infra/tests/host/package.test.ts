/** The package cadastro-host: packs it, installs it in an empty folder, and serves a project by its command. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { promisify } from 'node:util';
import { startHost } from '../support/host.ts';
import { projectFolder } from '../support/project-folder.ts';

const root = join(import.meta.dirname, '../../..');
const run = promisify(execFile);

/** npm's settings of this run would make it act on the wrong folder. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_TEST)/.test(name)));

it('the packed command serves a project from an empty folder', async (t) => {
  const { folder } = projectFolder(t, {
    'package.json': '{"private": true}',
    'app/typed/handler.ts': 'export const handler = async (): Promise<string> => "typed";',
    'app/plain/handler.js': 'exports.handler = async () => "plain";',
  });
  // As host.md says it.
  const pack = ['pack', './infra/router', '--ignore-scripts=false', '--pack-destination', folder];
  const packed = await run('npm', pack, { cwd: root, env });
  const tarball = packed.stdout.trim().split('\n').at(-1) as string;
  const install = ['install', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`];
  await run('npm', install, { cwd: folder, env });

  const program = [join(folder, 'node_modules/.bin/cadastro-host')];
  const { url } = await startHost(t, [join(folder, 'app')], { program });
  for (const name of ['typed', 'plain']) assert.equal(await (await fetch(`${url}/${name}`)).text(), name);
});

it('the package has the version of esbuild that the tests use', () => {
  const read = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8'));
  const { dependencies, version } = read('infra/router/package.json');
  assert.equal(dependencies.esbuild, read('package.json').devDependencies.esbuild);
  assert.equal(version, read('package.json').version);
});
