/** The results as Markdown, for the README and for people. */
import type { Comparison } from '../compare.ts';
import type { Memory } from '../memory.ts';
import type { RicCeiling } from '../ric-ceiling.ts';
import type { RouterCost } from '../router-cost.ts';
import type { SoakSample } from '../soak.ts';
import type { Startup } from '../startup.ts';
import type { Sweep } from '../sweep.ts';
import { type Ratios, ratiosOf } from './ratios.ts';
import { type Spread, spread } from './statistics.ts';

/** `1.04 (0.98–1.10)` */
function span({ median, min, max }: Spread, digits = 2): string {
  return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
}

function table(head: string[], rows: string[][]): string {
  const rule = head.map((_, index) => (index === 0 ? '---' : '--:'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const verdict = (met: boolean) => (met ? 'met' : '**missed**');

/** cadastro against the targets. */
export function targetTable(comparisons: readonly Comparison[]): string {
  const head = ['', 'ratio (min–max)', 'at least', 'aim', '', 'p50', 'p99', 'p99 at most', '', 'CPU a request'];
  const rows = comparisons.map(({ workload, ...rest }) => {
    const [own] = ratiosOf({ workload, ...rest }) as [Ratios];
    const { least, aim, p99 } = workload;
    return [
      workload.title,
      span(own.throughput) + marks(own),
      String(least),
      String(aim),
      verdict(own.throughput.median >= least),
      own.p50.toFixed(2),
      own.p99.toFixed(2),
      p99 ? String(p99.most) : '',
      p99 ? verdict(own.p99 <= p99.most) : '',
      own.cpu.toFixed(2),
    ];
  });
  return table(head, rows);
}

/** Every contender in every workload. */
export function contenderTables(comparisons: readonly Comparison[]): string {
  const head = ['', 'requests/s as ratio', 'p50 in ms', 'p99 in ms', 'CPU a request in µs', 'as ratio'];
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
      const broken = comparison.broken.map(({ title }) => `\n\n${title}: broke down under this load.`);
      return `**${comparison.workload.title}**\n\n${table(head, rows)}${broken.join('')}`;
    })
    .join('\n\n');
}

function marks({ errors, noisyRounds }: Ratios): string {
  const noise = noisyRounds > 0 ? ` ~${noisyRounds}` : '';
  return errors > 0 ? `${noise} !${errors}` : noise;
}

export const legend =
  'Ratios are to the workload’s baseline, the second line, in the same round: the median of all rounds, with the ' +
  'lowest and highest. ~n: in n rounds others used more than 5 % of the machine. !n: n errors. CPU is that of all ' +
  'of a server’s processes, without Redis.';

export function memoryTable(measured: readonly Memory[]): string {
  const rows = measured.map(({ title, idle, loaded }) => [
    title,
    idle.toFixed(0),
    loaded?.toFixed(0) ?? '',
    loaded ? (loaded / idle).toFixed(1) : '',
  ]);
  return table(['MB, sum of PSS', 'idle', 'under load', 'times'], rows);
}

export function startupTable({ coldStart, firstAnswer }: Startup): string {
  return table(
    ['ms', 'median (min–max)', 'at most', ''],
    [
      ['a function’s cold start, from request to answer', span(coldStart, 0), '150', verdict(coldStart.median <= 150)],
      [
        'router started to first 200, all functions warm',
        span(firstAnswer, 0),
        '700',
        verdict(firstAnswer.median <= 700),
      ],
    ],
  );
}

export function routerTable({ router, floor, functionProcess, bytes }: RouterCost): string {
  return table(
    ['body of 1 kB sent back', 'a request'],
    [
      ['CPU of the router', `${router.toFixed(1)} µs`],
      ['more than node:http alone', `${(router - floor).toFixed(1)} µs`],
      ['CPU of the function’s process', `${functionProcess.toFixed(1)} µs`],
      ['bytes between them beyond the body, both ways', bytes.toFixed(0)],
    ],
  );
}

export function ricCeilingTable({ bare, router, workers }: RicCeiling): string {
  const row = (title: string, figures: number[]) => [
    title,
    span(spread(figures.map((each, round) => each / (workers[round] as number)))),
  ];
  return table(
    ['GET /users/1 under aws-lambda-ric', 'requests/s as ratio to serverless-offline’s workers'],
    [row('a bare Runtime API, no gateway, no client', bare), row('cadastro', router)],
  );
}

export function sweepTables(sweeps: readonly Sweep[]): string {
  return sweeps
    .map(({ title, unit, rows }) => {
      const head = [unit, 'requests/s as ratio', 'p99 as ratio', 'CPU a request in µs', 'baseline’s', 'CPU as ratio'];
      const lines = rows.map(({ size, ratio, p99Ratio, cpu, baselineCpu }) => [
        size.toLocaleString('en'),
        ratio.toFixed(2),
        p99Ratio.toFixed(2),
        cpu.toFixed(0),
        baselineCpu.toFixed(0),
        (cpu / baselineCpu).toFixed(2),
      ]);
      return `**${title}**\n\n${table(head, lines)}`;
    })
    .join('\n\n');
}

export function soakTable(samples: readonly SoakSample[]): string {
  const rows = samples.map(({ requests, memory }) => [requests.toLocaleString('en'), memory.toFixed(0)]);
  return table(['requests', 'MB, sum of PSS'], rows);
}
