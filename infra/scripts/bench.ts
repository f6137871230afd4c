/**
 * `npm run bench`: installs the packages of the bench if needed, and runs the bench; see --help.
 * `npm run test:bench`: runs the tests of the bench, which guard its ratios.
 */
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root, say } from './lib/build.ts';
import { isInstalled } from './lib/installed.mjs';

const bench = join(root, 'infra/bench');
const args = process.argv.slice(2);

if (!args.includes('--help') && !args.includes('-h')) install();
const tests = [
  '--test',
  '--test-concurrency=1',
  `--test-reporter=${join(import.meta.dirname, 'lib/test-reporter.ts')}`,
  'infra/bench/report/*.test.ts',
  'infra/bench/guard.test.ts',
];
const program = args[0] === 'test' ? tests : [join(bench, 'main.ts'), ...args];
const child = spawn(process.execPath, program, { cwd: root, stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => process.exit(code ?? 1));

/** Runs `npm ci` in infra/bench unless the packages of its package-lock.json are installed. */
function install(): void {
  if (isInstalled(bench)) return;
  say('Installing the packages of the bench (npm ci in infra/bench) …');
  const npm = spawnSync('npm', ['ci', '--no-progress', '--loglevel=error'], { cwd: bench, encoding: 'utf8' });
  if (npm.status !== 0) {
    say(`npm ci failed in infra/bench: ${npm.stderr || npm.error?.message}`);
    process.exit(1);
  }
}
