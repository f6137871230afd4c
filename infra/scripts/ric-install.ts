/** `npm run ric:install`: builds aws-lambda-ric, AWS's own runtime client, which is native code. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root, say } from './lib/build.ts';

const help = `Builds aws-lambda-ric into infra/aws/ric/node_modules, for FUNCTION_RUNTIME=ric and for the tests that use it.

  npm run ric:install

The build takes a minute or two, and needs Linux, cmake, g++, make, xz and python3. The images build their own copy.
`;

if (process.argv.includes('--help')) {
  process.stdout.write(help);
  process.exit(0);
}

const folder = join(root, 'infra/aws/ric');
const installed = join(folder, 'node_modules/aws-lambda-ric');

function fail(message: string): never {
  say(message);
  process.exit(1);
}

const version = (file: string): string | undefined => {
  if (!existsSync(file)) return undefined;
  return JSON.parse(readFileSync(file, 'utf8')).version;
};
const wanted = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).dependencies['aws-lambda-ric'];

if (existsSync(join(installed, 'rapid-client.node')) && version(join(installed, 'package.json')) === wanted) {
  say(`aws-lambda-ric ${wanted} is installed.`);
  process.exit(0);
}
if (process.platform !== 'linux') fail(`aws-lambda-ric builds on Linux only, not on ${process.platform}.`);
const tools = ['cmake', 'g++', 'make', 'xz', 'python3'];
const missing = tools.filter((tool) => spawnSync(tool, ['--version']).error);
if (missing.length > 0) fail(`aws-lambda-ric needs ${missing.join(', ')} to build: install them, and try again.`);

say(`Building aws-lambda-ric ${wanted}, which takes a minute or two …`);
// Node's headers, if this Node came with them, save a download.
const node = join(dirname(process.execPath), '..');
const headers = existsSync(join(node, 'include/node/node_api.h')) ? { npm_config_nodedir: node } : {};
const npm = spawnSync('npm', ['ci', '--ignore-scripts=false', '--no-progress', '--loglevel=error'], {
  cwd: folder,
  encoding: 'utf8',
  env: { ...process.env, ...headers },
});
if (npm.status !== 0 || !existsSync(join(installed, 'rapid-client.node'))) {
  fail(`aws-lambda-ric could not be built:\n${npm.stderr ?? npm.error?.message}`);
}
say(`aws-lambda-ric ${wanted} is installed.`);
