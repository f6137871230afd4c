/** The command line of `npm run bench`. */
import { parseArgs } from 'node:util';
import { workloads } from './workloads.ts';

export const parts = ['ric', 'startup', 'memory', 'router', 'ric-ceiling'] as const;
const names: readonly string[] = [...workloads.map(({ name }) => name), ...parts];

export const help = `Measures cadastro side by side with other servers, on this machine, and writes
infra/bench/results/: results.md, chart.svg, results.json.

  npm run bench -- [OPTIONS]

  --quick          cadastro and its baseline alone, short: some three minutes
  --only NAME      one measurement; again for more of them: ${names.slice(0, 5).join(', ')},
                   ${names.slice(5).join(', ')}; the last only when named:
                   what aws-lambda-ric does when nothing but it takes time
  --rounds N       how often each is measured (5; 3 with --quick)
  --seconds N      for how long each time (5; 2 with --quick)
  --connections N  at once (64)
  --against DIST   also another build: a dist/ folder kept from before a change
  --sweep          how cost grows: bodies of 50 B to 1 MB, 1 to 256 connections, 10 to 100,000 users
  --soak           memory over two million requests
  --profile        where the CPU goes instead: a profile of router and function for each --only
  --no-wait        does not wait for others to leave the machine alone
  --help           this text

Ratios of one run are worth something; requests a second are not, on a machine that others use.
`;

export interface Options {
  quick: boolean;
  /** Names of measurements. */
  only: readonly string[];
  rounds: number;
  seconds: number;
  connections: number;
  against: string | undefined;
  sweep: boolean;
  soak: boolean;
  profile: boolean;
  /** Seconds to wait for a quiet machine. */
  patience: number;
}

/**
 * @returns undefined when help was asked for
 * @throws Error that says what is wrong, for people
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
      profile: { type: 'boolean', default: false },
      'no-wait': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const only = values.only.flatMap((each) => each.split(','));
  const unknown = only.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`--only ${unknown}: it takes ${names.join(', ')}`);
  const { quick } = values;
  return {
    quick,
    only,
    rounds: whole('--rounds', values.rounds, quick ? 3 : 5, 100),
    seconds: whole('--seconds', values.seconds, quick ? 2 : 5, 600),
    connections: whole('--connections', values.connections, 64, 1000),
    against: values.against,
    sweep: values.sweep,
    soak: values.soak,
    profile: values.profile,
    patience: values['no-wait'] ? 0 : quick ? 5 : 30,
  };
}

function whole(name: string, text: string | undefined, fallback: number, max: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= max) return value;
  throw new Error(`${name} takes a whole number from 1 to ${max}`);
}
