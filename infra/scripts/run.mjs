/**
 * Runs a task: every npm script is `node infra/scripts/run.mjs TASK [ARGUMENTS]`.
 *
 * This file runs on the Node of the host, 20 or newer, so that each command works as the first one in a fresh clone. It
 * installs the packages if they are missing or outdated, and then runs the task on Node 24 or newer.
 */
import { spawn, spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chooseNode } from './lib/choose-node.mjs';
import { isInstalled } from './lib/installed.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const bin = join(root, 'node_modules/.bin');
/** Node keeps the compiled scripts here, so that a command starts in half the time. */
const compileCache = join(root, 'node_modules/.cache/node');

const script = (name, ...args) => [`infra/scripts/${name}.ts`, ...args];
const biome = ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings'];
const importRules = ['node_modules/dependency-cruiser/bin/dependency-cruiser.mjs', 'functions', 'infra', 'site/src'];
const unused = ['node_modules/knip/bin/knip.js', '--no-progress'];
const types = ['node_modules/typescript/bin/tsc'];
const siteTypes = 'node_modules/astro/bin/astro.mjs check --root site --minimumFailingSeverity warning'.split(' ');

/** The commands of each task. They run one after the other; the caller's arguments go to the last one. */
const tasks = {
  start: [script('start')],
  dev: [script('dev')],
  build: [script('build')],
  lint: [importRules, unused, biome],
  typecheck: [types, siteTypes],
  check: [biome, importRules, unused, types, script('test', 'unit')],
  test: [script('test', 'all')],
  'test:browser': [script('test', 'browser')],
  'test:compose': [script('test', 'compose')],
  'test:faults': [script('test', 'faults')],
  'ric:install': [script('ric-install')],
  host: [script('host')],
  invoke: [script('invoke')],
  new: [script('new')],
  seed: [script('seed')],
  backup: [script('backup')],
  restore: [script('restore')],
  move: [script('move')],
  erase: [script('erase')],
  people: [script('people')],
  keys: [script('keys')],
  sbom: [script('sbom')],
  aws: [script('aws')],
  k8s: [script('k8s')],
  bench: [script('bench')],
  'test:bench': [script('bench', 'test')],
};

const [task = '', ...args] = process.argv.slice(2);
if (!Object.hasOwn(tasks, task)) fail(`There is no task "${task}". The tasks are ${Object.keys(tasks).join(', ')}.`);

if (!isInstalled(root)) install();
const { node, isPackaged } = choose();
const commands = tasks[task];
for (const [index, command] of commands.entries()) {
  const code = await run(index === commands.length - 1 ? [...command, ...args] : command);
  if (code !== 0) process.exit(code);
}

function install() {
  const startedAt = Date.now();
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
  process.stderr.write(`Installed in ${((Date.now() - startedAt) / 1000).toFixed(0)} s.\n`);
}

/** npm puts node_modules/.bin first in PATH, so that this file may already run on the packaged Node. */
function choose() {
  try {
    return chooseNode(process.env.npm_node_execpath || process.execPath, bin);
  } catch (error) {
    return fail(error.message);
  }
}

/** Runs a JavaScript or TypeScript file. @returns its exit code */
function run(command) {
  return new Promise((resolve) => {
    const child = spawn(node, command, {
      cwd: root,
      env: {
        NODE_COMPILE_CACHE: compileCache,
        ...process.env,
        // Programs that look for `node` find the packaged one, too.
        ...(isPackaged && { PATH: `${bin}${delimiter}${process.env.PATH}` }),
      },
      stdio: 'inherit',
      shell: process.platform === 'win32' && isPackaged,
    });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
    // npm sends SIGTERM to its shell alone, and the shell ends without passing it on. Another parent process then shows
    // that the shell is gone.
    const parent = process.ppid;
    setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 250).unref();
    child.on('error', (error) => fail(`${command[0]} could not be started: ${error.message}`));
    child.on('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}

/** @param message in one line; this file cannot import infra/http/printable.ts, because the host's Node may not read TypeScript */
function fail(message) {
  const hexadecimal = (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  process.stderr.write(`${message.replace(/[\p{Cc}\u2028\u2029]/gu, hexadecimal)}\n`);
  process.exit(1);
}
