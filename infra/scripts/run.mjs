/**
 * The one door of every npm script: `node infra/scripts/run.mjs TASK [ARGUMENTS]`.
 *
 * It runs on the machine's own Node (20 or newer), so that each command works as the first one in a fresh clone:
 * it installs the packages when they are missing or older than package-lock.json, then runs the task under the
 * Node 24 that came with them. A task is a TypeScript file beside this one, or a tool from node_modules.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const bin = join(root, 'node_modules/.bin');
const script = (name, ...args) => ['node', join('infra/scripts', `${name}.ts`), ...args];

/** Each task's commands, run one after the other; the caller's arguments go to the last. */
const tasks = {
  start: [script('start')],
  dev: [script('dev')],
  build: [script('build')],
  lint: [['biome', 'check', '--error-on-warnings']],
  typecheck: [['tsc'], ['astro', 'check', '--root', 'site', '--minimumFailingSeverity', 'warning']],
  test: [script('test', 'all')],
  'test:browser': [script('test', 'browser')],
  'test:compose': [script('test', 'compose')],
  'test:faults': [script('test', 'faults')],
  'ric:install': [script('ric-install')],
  invoke: [script('invoke')],
  new: [script('new')],
  seed: [script('seed')],
  backup: [script('backup')],
  bench: [script('bench')],
  'test:bench': [script('bench', 'test')],
};

const [task = '', ...args] = process.argv.slice(2);
if (!Object.hasOwn(tasks, task)) fail(`unknown task "${task}"; there are ${Object.keys(tasks).join(', ')}`);

install();
const environment = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
const commands = tasks[task];
for (const [index, [command, ...own]] of commands.entries()) {
  const code = await run(command, index === commands.length - 1 ? [...own, ...args] : own);
  if (code !== 0) process.exit(code);
}

/** Runs `npm ci` unless the installed packages are those of package-lock.json. */
function install() {
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const stamp = join(root, 'node_modules/.installed-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  const started = Date.now();
  process.stderr.write('Installing packages (npm ci) …\n');
  const npm = spawnSync('npm', ['ci', '--no-progress', '--loglevel=error'], {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0) {
    const lines = `${npm.stderr ?? ''}${npm.error?.message ?? ''}`.split('\n');
    fail(`npm ci failed: ${lines.find((line) => /error|ENOENT/i.test(line)) ?? 'run it by hand to see why'}`);
  }
  writeFileSync(stamp, lock);
  process.stderr.write(`Installed in ${((Date.now() - started) / 1000).toFixed(0)} s.\n`);
}

/** Runs one command to its end; signals reach it first, and its exit code becomes ours. */
function run(command, commandArgs) {
  return new Promise((resolve) => {
    const child = spawn(command, commandArgs, { cwd: root, env: environment, stdio: 'inherit' });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
    // npm passes SIGTERM on to its shell, which ends without passing it on to us: we notice that it is gone.
    const parent = process.ppid;
    setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 250).unref();
    child.on('error', (error) => fail(`${command} could not be started: ${error.message}`));
    child.on('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
