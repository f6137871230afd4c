/**
 * `npm test` and `npm run test:browser`, `test:compose`, `test:faults`: builds what the tests need and runs them.
 * Arguments after the suite are file names to run instead of the suite's own.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { buildFunctions } from '../../esbuild.config.mjs';
import { buildApi, buildSite, root, say } from './lib/build.ts';

const suites = {
  all: {
    patterns: ['functions/**/*.test.ts', 'site/src/**/*.test.ts', 'infra/**/*.test.ts'],
    // The fault test's own checker is tested here; the test itself takes a minute of both cores.
    except: /^infra\/(bench\/|tests\/(browser|compose)\/|tests\/faults\/[^/]+$)/,
    async build() {
      await buildApi();
      await buildFunctions('infra/tests/fixtures', 'dist/fixtures');
    },
  },
  browser: {
    patterns: ['infra/tests/browser/**/*.test.ts'],
    except: undefined,
    async build() {
      await buildApi();
      await buildSite();
    },
  },
  compose: { patterns: ['infra/tests/compose/**/*.test.ts'], except: undefined, async build() {} },
  faults: { patterns: ['infra/tests/faults/*.test.ts'], except: undefined, build: buildApi },
};

/** A browser is busy with every core; the fault test measures response times, and takes as long as it is told to. */
const limits: Record<string, string[]> = {
  usual: ['--test-concurrency=4', '--test-timeout=300000'],
  browser: ['--test-concurrency=2', '--test-timeout=300000'],
  faults: ['--test-concurrency=1', `--test-timeout=${300_000 + 1000 * Number(process.env.FAULTS_SECONDS || 0)}`],
};

const [name = 'all', ...files] = process.argv.slice(2);
const suite = suites[name as keyof typeof suites];
try {
  await suite.build();
} catch (error) {
  say(`The build failed: ${(error as Error).message}`);
  process.exit(1);
}
const found = globSync(suite.patterns, { cwd: root })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => !file.includes('node_modules/') && !suite.except?.test(file));
const tests = files.length > 0 ? files : found.sort();
if (tests.length === 0) {
  say(`There are no tests for "${name}".`);
  process.exit(1);
}
const args = ['--test', ...(limits[name] ?? limits.usual ?? []), '--test-reporter=spec', ...tests];
const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
const [code] = await once(child, 'exit');
process.exit(code ?? 1);
