/** Parses the command line of `npm run bench`. */
import { parseArgs } from 'node:util';
import { sweepNames } from './sweep.ts';
import { workloads } from './workloads.ts';

/** Measurements beside the workloads. */
export const parts = [
  'ric',
  'startup',
  'memory',
  'router',
  'site',
  'postgres',
  'ric-ceiling',
  'overload',
  'hosting',
] as const;
const names: readonly string[] = [...workloads.map(({ name }) => name), ...parts];

export const help = `Measures cadastro side by side with other servers on this machine. Writes results.md, results.json and charts to
infra/bench/results/.

  npm run bench -- [OPTIONS]

  --quick          measures cadastro and its reference only, for some three minutes
  --only NAME      runs one measurement; repeat it for several: ${names.slice(0, 5).join(', ')},
                   ${names.slice(5).join(', ')}. The last four run only
                   when named: creates on PostgreSQL and on SQLite, the most that aws-lambda-ric can do, five times
                   the load that can be borne, and what a developer feels who hosts another project
  --rounds N       number of rounds (5; 3 with --quick)
  --seconds N      duration of each measurement (5; 2 with --quick)
  --connections N  simultaneous connections (64)
  --against DIST   also measures another build: a dist folder kept from before a change
  --sweep          measures how cost grows with connections, sizes and users, beside Fastify, Hono and Bun; with --only
                   one of ${sweepNames.slice(0, 5).join(', ')}, ${sweepNames.slice(5).join(', ')}
  --soak           measures memory over two million requests
  --all            runs everything, for some 70 minutes: what infra/docs/performance.md shows
  --profile        writes CPU profiles of router and function instead, for each workload of --only
  --no-wait        does not wait until other programs use little CPU
  --help           prints this text

Compare ratios within one run only. Requests per second depend on who else uses the machine.
`;

/** The parsed command line. */
export interface Options {
  quick: boolean;
  /** Names of the chosen measurements; empty for all. */
  only: readonly string[];
  rounds: number;
  /** Duration of each measurement. */
  seconds: number;
  connections: number;
  /** Folder of another build. */
  against: string | undefined;
  sweep: boolean;
  soak: boolean;
  all: boolean;
  profile: boolean;
  /** How long to wait before each measurement until other programs use little CPU. */
  quietTimeoutSeconds: number;
}

/**
 * @param args after `npm run bench --`
 * @returns undefined for --help
 * @throws Error that names the wrong argument and its allowed values
 */
export function parseOptions(args: string[]): Options | undefined {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      connections: { type: 'string' },
      against: { type: 'string' },
      sweep: { type: 'boolean', default: false },
      soak: { type: 'boolean', default: false },
      all: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      'no-wait': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const only = values.only.flatMap((each) => each.split(','));
  const known = values.sweep ? sweepNames : names;
  const unknown = only.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`--only ${unknown}: it takes ${known.join(', ')}`);
  const { quick } = values;
  return {
    quick,
    only,
    rounds: wholeNumber('--rounds', values.rounds, quick ? 3 : 5, 100),
    seconds: wholeNumber('--seconds', values.seconds, quick ? 2 : 5, 600),
    connections: wholeNumber('--connections', values.connections, 64, 1000),
    against: values.against,
    sweep: values.sweep,
    soak: values.soak,
    all: values.all,
    profile: values.profile,
    quietTimeoutSeconds: values['no-wait'] ? 0 : quick ? 5 : 30,
  };
}

function wholeNumber(name: string, text: string | undefined, fallback: number, max: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= max) return value;
  throw new Error(`${name} takes a whole number from 1 to ${max}`);
}
