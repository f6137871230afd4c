/** `npm test`, `npm run test:browser`, `test:compose` and `test:faults`: builds what a suite needs and runs its tests. */
import { globSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { run } from 'node:test';
import { parseArgs } from 'node:util';
import { buildFunctions } from '../../esbuild.config.mjs';
import { buildApi, buildSite, root, say } from './lib/build.ts';
import report from './lib/test-reporter.ts';

const help = `Builds what the tests need and runs them. The last line says how many passed, failed and were skipped.

  npm test [-- FILE …] [--coverage]
  npm run test:browser | test:compose | test:faults [-- FILE …]

  FILE          a test file to run instead of the whole suite
  --coverage    print the share of lines, branches and functions that ran in the tests' own processes

With CI=true a missing tool (Redis, Chromium, Docker, aws-lambda-ric) is a failure instead of a skip, and a system test
that fails runs once more, alone; the report names a file that passes only then.
BROWSER_ENGINE=postgres runs test:browser on PostgreSQL and Redis.
FAULTS_SECONDS, FAULTS_SEED, FAULTS_ENGINE (sqlite or postgres) and FAULTS_ROUTERS are settings of test:faults.
`;

interface Suite {
  patterns: string[];
  /** Files of the patterns that the suite leaves out. */
  except?: RegExp;
  /** How many test files run at the same time. */
  concurrency: number;
  /** Time after which a hanging test fails. It is long, because a slow machine must not fail a test. */
  timeoutMinutes: number;
  build(): Promise<unknown>;
}

/** Files that the measurement of coverage leaves out: the tests themselves, and bundles, whose sources are measured. */
const notShipped = ['**/*.test.ts', 'infra/tests/**', 'infra/bench/**', 'dist/**', 'functions/lib/testing/**'];

/** Files that CI repeats if they fail: tests of whole systems, except the fault tests, whose violations are never accidents. */
const isRepeatable = (file: string) => /^infra\/tests\/(?!faults\/).*\.test\.ts$/.test(file);

const suites: Record<string, Suite> = {
  all: {
    patterns: ['functions/**/*.test.ts', 'site/src/**/*.test.ts', 'infra/**/*.test.ts'],
    // This suite runs only the checker of the fault tests, because their other tests keep two cores busy for minutes.
    except: /^infra\/(bench\/|tests\/(browser|compose)\/|tests\/faults\/[^/]+$)/,
    concurrency: 4,
    timeoutMinutes: 30,
    async build() {
      await buildApi();
      await buildFunctions('infra/tests/fixtures', 'dist/fixtures');
    },
  },
  // Quick tests, which start no router, for `npm run check`.
  unit: {
    patterns: [
      'functions/**/*.test.ts',
      'site/src/**/*.test.ts',
      'infra/{build,router,runtime-client,v8,wire}/**/*.test.ts',
      'infra/tests/faults/history/*.test.ts',
    ],
    concurrency: 4,
    timeoutMinutes: 30,
    build: buildApi,
  },
  browser: {
    patterns: ['infra/tests/browser/**/*.test.ts'],
    // A browser uses every core by itself.
    concurrency: 2,
    timeoutMinutes: 30,
    async build() {
      await buildApi();
      await buildSite();
    },
  },
  compose: {
    patterns: ['infra/tests/compose/**/*.test.ts'],
    concurrency: 2,
    timeoutMinutes: 60,
    build: buildApi,
  },
  faults: {
    patterns: ['infra/tests/faults/*.test.ts'],
    // Fault tests compare response times.
    concurrency: 1,
    timeoutMinutes: 30 + Number(process.env.FAULTS_SECONDS || 0) / 60,
    build: buildApi,
  },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { coverage: { type: 'boolean' }, help: { type: 'boolean' } },
});
const [name = 'all', ...files] = positionals;
const suite = suites[name];
if (values.help || suite === undefined) {
  process.stdout.write(help);
  process.exit(values.help ? 0 : 2);
}

try {
  await suite.build();
} catch (error) {
  say(`The build failed: ${(error as Error).message}`);
  process.exit(1);
}
// V8 counts less exactly what runs from a cache of compiled code.
if (values.coverage) process.env.NODE_DISABLE_COMPILE_CACHE = '1';
const tests = files.length > 0 ? files : testFiles(suite);
if (tests.length === 0) {
  say(`There are no tests for "${name}".`);
  process.exit(1);
}
say(`Running ${tests.length} test files, ${suite.concurrency} at a time …`);
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
const failed = await runFiles(tests, suite.concurrency);
const again = process.env.CI === 'true' && failed.every((file) => isRepeatable(file)) ? failed : [];
if (again.length === 0 || stop.signal.aborted) process.exit(failed.length > 0 ? 1 : 0);
say(
  `These files failed. They run once more, alone, to tell a fault from an accident of a busy machine: ${again.join(', ')}`,
);
const failedTwice = await runFiles(again, 1);
if (failedTwice.length === 0) say(`UNSTABLE: passed only the second time, and needs mending: ${again.join(', ')}`);
process.exit(failedTwice.length > 0 ? 1 : 0);

/** Runs test files, and prints the report. @returns the files with failures, relative to the project's folder */
async function runFiles(paths: readonly string[], concurrency: number): Promise<string[]> {
  const failures = new Set<string>();
  const events = run({
    files: paths.map((path) => resolve(root, path)),
    concurrency,
    timeout: (suite as Suite).timeoutMinutes * 60_000,
    signal: stop.signal,
    ...(values.coverage ? { coverage: true, coverageExcludeGlobs: notShipped } : {}),
  });
  events.on('test:fail', ({ file, name }) => failures.add(relative(root, file ?? name)));
  await pipeline(events.compose(report), process.stdout, { end: false });
  return [...failures];
}

function testFiles({ patterns, except }: Suite): string[] {
  return globSync(patterns, { cwd: root })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => !file.includes('node_modules/') && !except?.test(file))
    .sort();
}
