/**
 * Runs generated handlers under our own runtime client and under aws-lambda-ric, and compares everything that can be seen of
 * them: answers, logs, and the fate of the process. PROPERTY_SEED repeats a run.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import type { Program } from '../fixtures/program.ts';
import { anySeed } from '../support/random.ts';
import { ricSuite } from '../support/ric.ts';
import { type Router, startRouter } from '../support/router.ts';
import { buffered, streamed } from './generated-programs.ts';
import { type Observation, runAll, withLogs } from './observe.ts';

const seed = Number(process.env.PROPERTY_SEED) || anySeed();
const generate = (programs: fc.Arbitrary<Program>, numRuns: number) => fc.sample(programs, { seed, numRuns });

const endsProcess: Program[] = [
  { steps: [{ do: 'exit', code: 0 }] },
  { steps: [{ do: 'exit', code: 7 }] },
  { steps: [{ do: 'kill' }] },
  { steps: [{ do: 'hang' }] },
  { steps: [{ do: 'log', method: 'info', values: [{ json: 'soon' }] }, { do: 'wait', for: 'timer' }, { do: 'hang' }] },
  { steps: [{ do: 'throw later', value: { json: 'text' } }, { do: 'hang' }] },
  { steps: [{ do: 'reject', value: { kind: 'odd-error', member: 'stack', json: 7 } }, { do: 'hang' }] },
  { steps: [{ do: 'throw', value: { kind: 'bare' } }] },
];
const caught = (event: 'uncaughtException' | 'unhandledRejection', step: 'throw later' | 'reject'): Program => ({
  steps: [
    { do: 'on', event },
    { do: step, value: { kind: 'error', type: 'Teapot', message: 'caught', own: {} } },
    ...Array.from({ length: 3 }, () => ({ do: 'wait', for: 'timer' }) as const),
    { do: 'return', value: { json: 'survived' } },
  ],
});
const calls: Program = { steps: [{ do: 'return', value: { kind: 'calls' } }] };
const survivesProcess = [
  caught('uncaughtException', 'throw later'),
  caught('uncaughtException', 'reject'),
  caught('unhandledRejection', 'reject'),
];

const programs = {
  buffered: generate(buffered, 150),
  streamed: [{ steps: [{ do: 'members' }, { do: 'end' }] } satisfies Program, ...generate(streamed, 150)],
  // The number of calls tells whether the process is still the same one.
  fates: [...endsProcess, ...survivesProcess].flatMap((program) => [program, calls]),
  unfinished: [{ steps: [{ do: 'return', value: { json: { statusCode: 201 } } }] } satisfies Program],
  farewell: [{ steps: [{ do: 'on SIGTERM' }] } satisfies Program],
};
type Group = keyof typeof programs;
const groups = Object.keys(programs) as Group[];

/** Handlers whose INIT is compared: files by name, and the handler's name. */
const modules: { handler?: string; files: Record<string, string> }[] = [
  { files: { 'handler.mjs': "import 'no-such-package'; export const handler = async () => 1;" } },
  { files: { 'handler.mjs': "import './missing.mjs'; export const handler = async () => 1;" } },
  { files: { 'handler.cjs': "require('no-such-package'); exports.handler = async () => 1;" } },
  { files: { 'handler.cjs': 'exports.handler = async () => {' } },
  { files: { 'handler.mjs': 'throw new RangeError("at INIT");' } },
  { files: { 'handler.cjs': 'throw "text";' } },
  { files: { 'handler.cjs': 'exports.other = async () => 1;' } },
  { files: { 'handler.cjs': 'exports.handler = 7;' } },
  { files: { 'handler.cjs': 'exports.handler = (event, context, callback) => callback(null, 1);' } },
  {
    files: {
      'handler.cjs':
        'exports.handler = async () => 1; exports.handler[Symbol.for("aws.lambda.runtime.handler.streaming")] = "request";',
    },
  },
  { files: { 'handler.cjs': 'module.exports = Object.assign(() => 1, { default: { handler: () => 2 } });' } },
  {
    files: {
      'handler.js': 'exports.handler = async () => "js";',
      'handler.mjs': 'export const handler = async () => "mjs";',
    },
  },
  { handler: 'index.a.b', files: { 'index.mjs': 'export default { a: { b: async () => "nested" } };' } },
  {
    handler: 'lib/index.handler',
    files: { 'lib/index.cjs': 'exports.handler = async () => __dirname.split("/").at(-1);' },
  },
  { handler: 'things.handler', files: { 'node_modules/things/index.js': 'exports.handler = async () => "package";' } },
  { handler: 'nothing.handler', files: {} },
  { handler: 'nothing', files: {} },
  { handler: '../handler.handler', files: {} },
  {
    files: {
      'handler.cjs': "exports.handler = async () => require('fs').readFileSync('./text.txt', 'utf8');",
      'text.txt': 'beside',
    },
  },
];

function writeBuild(folder: string): void {
  const code = resolve('dist/fixtures/functions/interpreter');
  const interpreter = (name: Group, more = {}) => ({ name, code, route: `POST /${name}`, timeout: 60, ...more });
  const streaming = { handler: 'handler.stream' };
  const functions: object[] = [
    interpreter('buffered'),
    interpreter('streamed', streaming),
    interpreter('fates'),
    interpreter('unfinished', { ...streaming, timeout: 1 }),
    interpreter('farewell'),
  ];
  for (const [index, { handler = 'handler.handler', files }] of modules.entries()) {
    const name = `module-${index}`;
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(join(folder, name, dirname(path)), { recursive: true });
      writeFileSync(join(folder, name, path), content);
    }
    mkdirSync(join(folder, name), { recursive: true });
    functions.push({ name, code: name, handler, timeout: 60, route: `POST /${name}` });
  }
  writeFileSync(join(folder, 'functions.json'), JSON.stringify(functions));
}

ricSuite('under our client and aws-lambda-ric', () => {
  const observed = new Map<string, Observation[][]>();
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-differential-'));
  after(() => rmSync(folder, { recursive: true }));

  async function observe(runtime: string): Promise<void> {
    const env = { DIST_FOLDER: folder, FUNCTION_RUNTIME: runtime, MAX_ENVIRONMENTS: '1', RUNTIME: runtime };
    const router: Router = await startRouter({ env });
    const answers = await Promise.all(groups.map((name) => runAll(router, name, programs[name])));
    const inits = [];
    for (const index of modules.keys()) inits.push(...(await runAll(router, `module-${index}`, [{ steps: [] }])));
    await router.stop();
    for (const [index, name] of groups.entries()) {
      const seen = withLogs(router, answers[index] ?? [], { crashes: name === 'fates' });
      observed.set(name, [...(observed.get(name) ?? []), seen]);
    }
    observed.set('modules', [
      ...(observed.get('modules') ?? []),
      inits.map((one) => ({ ...one, requestId: '', logs: [] })),
    ]);
  }
  before(async () => {
    writeBuild(folder);
    // The order decides which of two observations is ours.
    await observe('node');
    await observe('ric');
  });

  const compare = (name: string, inputs: readonly unknown[]) => {
    const [own = [], ric = []] = observed.get(name) ?? [];
    assert.equal(own.length, 2 * inputs.length);
    for (const [index, seen] of own.entries()) {
      const how = index % 2 === 0 ? 'over HTTP' : 'over Invoke';
      assert.deepEqual(
        seen,
        ric[index],
        `${JSON.stringify(inputs[index >> 1])} ${how}; PROPERTY_SEED=${seed} repeats this run`,
      );
    }
  };
  for (const name of groups) {
    test(`the same answers and logs: ${name}, ${programs[name].length} handlers`, () => compare(name, programs[name]));
  }
  test('the same results of INIT', () => compare('modules', modules));
  test('a handler finds the files beside it', () => assert.equal(observed.get('modules')?.[0]?.at(-1)?.body, 'beside'));
});
