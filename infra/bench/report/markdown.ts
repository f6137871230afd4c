/** Writes the results as Markdown tables, for infra/docs/performance.md and the terminal. */
import type { Comparison } from '../compare.ts';
import type { Hosting } from '../hosting.ts';
import type { Memory } from '../memory.ts';
import type { OverloadPhase } from '../overload.ts';
import type { RicCeiling } from '../ric-ceiling.ts';
import type { RouterCost } from '../router-cost.ts';
import type { SiteCost } from '../site.ts';
import type { SoakSample } from '../soak.ts';
import type { StartTimes, Startup } from '../startup.ts';
import type { Sweep, SweepRow } from '../sweep.ts';
import { type Ratios, ratiosOf } from './ratios.ts';
import { type Spread, spread } from './statistics.ts';

/** @returns median and range, such as `1.04 (0.98–1.10)` */
function span({ median, min, max }: Spread, digits = 2): string {
  return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
}

function table(head: string[], rows: string[][]): string {
  const rule = head.map((_, index) => (index === 0 ? '---' : '--:'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const verdict = (met: boolean) => (met ? 'met' : '**missed**');

/** @returns cadastro's ratios beside the minimum and the target of each workload */
export function targetTable(comparisons: readonly Comparison[]): string {
  const head = ['', 'ratio (min–max)', 'minimum', 'target', '', 'p50', 'p99', 'p99 at most', '', 'CPU per request'];
  const rows = comparisons.map(({ workload, ...rest }) => {
    const [own] = ratiosOf({ workload, ...rest }) as [Ratios];
    const { minRatio, targetRatio, p99 } = workload;
    return [
      workload.title,
      span(own.throughput) + marks(own),
      String(minRatio),
      String(targetRatio),
      verdict(own.throughput.median >= minRatio),
      own.p50.toFixed(2),
      own.p99.toFixed(2),
      p99 ? String(p99.max) : '',
      p99 ? verdict(own.p99 <= p99.max) : '',
      own.cpu.toFixed(2),
    ];
  });
  return table(head, rows);
}

/** @returns one table per workload with all contenders */
export function contenderTables(comparisons: readonly Comparison[]): string {
  const head = ['', 'requests/s as ratio', 'p50 in ms', 'p99 in ms', 'CPU per request in µs', 'as ratio'];
  return comparisons
    .map((comparison) => {
      const rows = ratiosOf(comparison).map((each) => [
        each.title,
        span(each.throughput) + marks(each),
        each.p50Milliseconds.toFixed(2),
        each.p99Milliseconds.toFixed(2),
        each.cpuMicroseconds.toFixed(0),
        each.cpu.toFixed(2),
      ]);
      const failures = comparison.failedContenders.map(({ title }) => `\n\n${title}: failed under this load.`);
      return `**${comparison.workload.title}**\n\n${table(head, rows)}${failures.join('')}`;
    })
    .join('\n\n');
}

/** @returns the marks that `legend` explains */
function marks({ errors, noisyRounds }: Ratios): string {
  const noise = noisyRounds > 0 ? ` ~${noisyRounds}` : '';
  return errors > 0 ? `${noise} !${errors}` : noise;
}

/** Explains the ratios and marks of the tables. */
export const legend =
  'Each ratio is to the workload’s reference (the second line) in the same round: median of all rounds (lowest to ' +
  'highest). ~n: in n rounds other programs used more than 5 % of the CPU. !n: n errors. CPU is the CPU time of all ' +
  'processes of a server, without Redis.';

/** @returns idle and loaded memory of each contender */
export function memoryTable(measured: readonly Memory[]): string {
  const rows = measured.map(({ title, idle, loaded }) => [
    title,
    idle.toFixed(0),
    loaded?.toFixed(0) ?? '',
    loaded ? (loaded / idle).toFixed(1) : '',
  ]);
  return table(['MB, sum of PSS', 'idle', 'under load', 'times'], rows);
}

/** @returns start times beside their limits */
export function startupTable({ coldStart, firstAnswer, fastify }: Startup): string {
  const row = (title: string, { ms, nodeStarts }: StartTimes, most?: number) => [
    ...[title, span(ms, 0), span(nodeStarts, 1)],
    ...[most === undefined ? '' : String(most), most === undefined ? '' : verdict(nodeStarts.median <= most)],
  ];
  return table(
    ['median (lowest–highest)', 'ms', 'times `node -e 0`', 'at most', ''],
    [
      row('cold start of a function, from request to answer', coldStart, 2),
      row('start of the router to the first 200, all functions warm', firstAnswer, 11),
      row('start of Fastify to the first 200', fastify),
    ],
  );
}

/** @returns the router's own cost per request */
export function routerTable({ router, floor, functionProcess, bytes }: RouterCost): string {
  return table(
    ['echo of a body of 1 kB', 'per request'],
    [
      ['CPU of the router', `${router.toFixed(1)} µs`],
      ['CPU of the router beyond node:http alone', `${(router - floor).toFixed(1)} µs`],
      ['CPU of the function’s process', `${functionProcess.toFixed(1)} µs`],
      ['bytes between router and function beyond the body, both directions', bytes.toFixed(0)],
    ],
  );
}

/** @returns what a page of the site costs, beside its limit */
export function siteTable({ page, api, read, ratio }: SiteCost): string {
  return table(
    ['the page that lists 100 users', 'CPU', 'at most', ''],
    [
      ['the site, for a page', `${page.toFixed(0)} µs`, '', ''],
      ['the API, for a page', `${api.toFixed(0)} µs`, '', ''],
      ['Fastify, GET /users/1, cached', `${read.toFixed(0)} µs`, '', ''],
      ['site and API, in times of Fastify’s read', span(ratio, 1), '20', verdict(ratio.median <= 20)],
    ],
  );
}

/** @returns the most that aws-lambda-ric can do, beside cadastro */
export function ricCeilingTable({ bareApi, cadastro, offlineWorkers }: RicCeiling): string {
  const row = (title: string, figures: number[]) => [
    title,
    span(spread(figures.map((each, round) => each / (offlineWorkers[round] as number)))),
  ];
  return table(
    ['GET /users/1 under aws-lambda-ric', 'requests/s as ratio to serverless-offline’s workers'],
    [row('a bare Runtime API without gateway and client', bareApi), row('cadastro', cadastro)],
  );
}

/** @returns one table per sweep, with a line for each size of each contender */
export function sweepTables(sweeps: readonly Sweep[]): string {
  const head = ['', 'requests/s as ratio', 'at least', '', 'p99 as ratio', 'CPU as ratio', 'CPU per request in µs'];
  return sweeps
    .map(({ title, unit, contenders, rows }) => {
      const lines = rows.flatMap((row) => {
        const hono = row.figures.find(({ contender }) => contender.startsWith('hono'));
        return row.figures.map(({ contender, ratio, p99Ratio, cpuRatio, cpu }, index) => {
          const isOwn = index === 0;
          const limits = isOwn && row.target !== undefined ? limitsOf(row, ratio.median, hono?.ratio.median) : ['', ''];
          const figures = [p99Ratio.toFixed(2), cpuRatio.toFixed(2), cpu.toFixed(0)];
          return [
            `${row.size.toLocaleString('en')} ${unit}, ${contenders[contender]}`,
            span(ratio),
            ...limits,
            ...figures,
          ];
        });
      });
      return `**${title}**\n\n${table(head, lines)}`;
    })
    .join('\n\n');
}

/** @returns the targets of a size, and whether cadastro reaches them */
function limitsOf({ target = 0, honoTarget }: SweepRow, own: number, hono: number | undefined): [string, string] {
  if (honoTarget === undefined || hono === undefined) return [String(target), verdict(own >= target)];
  const ofHono = own / hono;
  const text = `${target}, and ${honoTarget} of Hono (${ofHono.toFixed(2)})`;
  return [text, verdict(own >= target && ofHono >= honoTarget)];
}

/** @returns memory after each number of requests */
export function soakTable(samples: readonly SoakSample[]): string {
  const rows = samples.map(({ requestCount, memory }) => [requestCount.toLocaleString('en'), memory.toFixed(0)]);
  return table(['requests', 'MB, sum of PSS'], rows);
}

/** @returns one line for each phase of each contender */
export function overloadTable(phases: readonly OverloadPhase[]): string {
  const head = [
    '20 ms of CPU per request',
    '',
    'sent/s',
    'accepted',
    'shed with 503',
    'failed',
    'p50 ms',
    'p99 ms',
    'MB',
  ];
  const rows = phases.map(({ contender, phase, rate, accepted, shed, failed, p50, p99, memory }) => [
    ...[contender, phase, rate.toFixed(0)],
    ...[accepted, shed, failed].map(String),
    ...[p50, p99, memory].map((figure) => figure.toFixed(0)),
  ]);
  return table(head, rows);
}

/** @returns what a developer feels who hosts a project, beside its limits */
export function hostingTable({ start, save, throughput, authorizer }: Hosting): string {
  return table(
    ['a project with five TypeScript functions', 'median (lowest–highest)', 'target', ''],
    [
      ['start to the first 200, ratio to serverless-offline', span(start), 'at most 0.5', verdict(start.median <= 0.5)],
      ['save to the new answer, in times of `node -e 0`', span(save), 'at most 4', verdict(save.median <= 4)],
      [
        'requests/s of a function that returns a constant, ratio to serverless-offline in process',
        span(throughput),
        'at least 5',
        verdict(throughput.median >= 5),
      ],
      [
        'CPU of a kept answer of an authorizer, µs per request',
        span(authorizer),
        'at most 10',
        verdict(authorizer.median <= 10),
      ],
    ],
  );
}
