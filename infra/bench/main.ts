/** `npm run bench`: runs the chosen measurements and writes the report. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { buildSite } from '../scripts/lib/build.ts';
import { type Comparison, compare } from './compare.ts';
import { buildContenders, otherBuild } from './contenders/cadastro.ts';
import { fastify, fastifyFull } from './contenders/reference.ts';
import { type Hosting, measureHosting } from './hosting.ts';
import { tool } from './load/load.ts';
import { hasRedis } from './machine/redis.ts';
import { type Memory, measureMemory } from './memory.ts';
import { help, type Options, parseOptions } from './options.ts';
import { measureOverload, type OverloadPhase } from './overload.ts';
import { profile, profileText } from './profile/profile.ts';
import { chart } from './report/chart.ts';
import { lineChart } from './report/line-chart.ts';
import * as markdown from './report/markdown.ts';
import { measureRicCeiling, type RicCeiling } from './ric-ceiling.ts';
import { measureRouterCost, type RouterCost } from './router-cost.ts';
import { measureSite, type SiteCost } from './site.ts';
import { type SoakSample, soak } from './soak.ts';
import { measureStartup, type Startup } from './startup.ts';
import { type Sweep, sweep } from './sweep.ts';
import { postgresWorkloads, ricWorkload, type Workload, workloads } from './workloads.ts';

interface Results {
  comparisons: Comparison[];
  /** Why the comparison under aws-lambda-ric could not run. */
  ricMissing?: string;
  ricCeiling?: RicCeiling;
  startup?: Startup;
  memory?: Memory[];
  router?: RouterCost;
  site?: SiteCost;
  overload?: OverloadPhase[];
  hosting?: Hosting;
  sweeps?: Sweep[];
  soak?: SoakSample[];
}

const soakRequests = 2_000_000;
const folder = join(import.meta.dirname, 'results');
const say = (message: string) => process.stderr.write(`${message}\n`);

try {
  const options = parseOptions(process.argv.slice(2));
  if (options) await main(options);
  else process.stdout.write(help);
} catch (error) {
  // The code of a failed child process is a number.
  const { message, code } = error as Error & { code?: string | number };
  say(String(code).startsWith('ERR_PARSE_ARGS') ? `${message}. See npm run bench -- --help` : message);
  process.exit(1);
}

async function main(options: Options): Promise<void> {
  if (process.platform !== 'linux') throw new Error('The benchmark reads /proc, so it runs on Linux only');
  if (!hasRedis())
    throw new Error('The benchmark needs redis-server. Install it, for example with apt-get install redis-server');
  say('Building …');
  await buildContenders();
  if (options.profile) return profileAll(options);
  const results = await run(options);
  const text = describe(options, results);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'results.md'), text);
  writeFileSync(join(folder, 'results.json'), JSON.stringify(results, null, 2));
  if (results.comparisons.length > 0) writeFileSync(join(folder, 'chart.svg'), chart(results.comparisons));
  for (const each of results.sweeps ?? []) writeFileSync(join(folder, `${each.name}.svg`), lineChart(each));
  process.stdout.write(`\n${text}`);
  say(`\nWritten to ${folder}.`);
  process.exit();
}

/** Writes and prints the CPU profiles of the chosen workloads. */
async function profileAll(options: Options): Promise<void> {
  const chosen = workloads.filter(({ name }) => options.only.length === 0 || options.only.includes(name));
  const texts: string[] = [];
  for (const workload of chosen) {
    say(`${workload.title}: profiling`);
    texts.push(profileText(workload.title, await profile(workload, options)));
  }
  const text = texts.join('\n');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'profile.txt'), text);
  process.stdout.write(`\n${text}`);
  process.exit(0);
}

async function run(options: Options): Promise<Results> {
  const results: Results = { comparisons: [] };
  const { all } = options;
  if (options.sweep || all) results.sweeps = await sweep(options.only, { ...options, say });
  if (options.sweep && !all) return results;
  if (options.soak || all) results.soak = await soak(soakRequests, { ...options, say });
  // --soak alone runs nothing else.
  if (options.soak && !all && options.only.length === 0) return results;
  const asked = (name: string) => all || options.only.includes(name);
  const wanted = (name: string) => options.only.length === 0 || asked(name);

  const chosen = workloads.filter(({ name }) => wanted(name)).map((workload) => withContenders(workload, options));
  results.comparisons = await compare(chosen, { ...options, say });
  if (wanted('ric') && !(options.quick && options.only.length === 0)) {
    try {
      results.comparisons.push(...(await compare([ricWorkload], { ...options, say })));
    } catch (error) {
      results.ricMissing = (error as Error).message.split('\n').at(-1);
    }
  }
  if (asked('postgres')) {
    results.comparisons.push(...(await compare(postgresWorkloads, { ...options, say })));
  }
  if (wanted('startup')) {
    say('Cold starts …');
    results.startup = await measureStartup(options.quick ? { coldStarts: 10, starts: 3 } : {});
  }
  if (wanted('memory')) {
    say('Memory …');
    results.memory = await measureMemory(options);
  }
  if (wanted('router')) {
    say('The router alone …');
    results.router = await measureRouterCost(options);
  }
  if (wanted('site')) {
    await buildSite();
    say('The site …');
    results.site = await measureSite(options);
  }
  if (asked('overload')) results.overload = await measureOverload({ ...options, say });
  if (asked('hosting')) results.hosting = await measureHosting({ ...options, say });
  if (asked('ric-ceiling')) results.ricCeiling = await measureRicCeiling({ ...options, say });
  return results;
}

/** @returns the workload with the contenders that --quick and --against choose */
function withContenders(workload: Workload, { quick, against }: Options): Workload {
  const [own, reference, ...others] = workload.contenders;
  const rest = quick ? others.filter((each) => each === fastify || each === fastifyFull) : others;
  return { ...workload, contenders: [own, reference, ...(against ? [otherBuild(against)] : []), ...rest] };
}

function describe(options: Options, results: Results): string {
  const { comparisons, ricMissing, ricCeiling, startup, memory, router, site, overload, hosting, sweeps } = results;
  const { rounds, seconds, connections } = options;
  const [{ model } = { model: 'unknown processor' }] = cpus();
  const setting =
    `${cpus().length} × ${model.trim()}, Node.js ${process.versions.node}, ${tool}, ${connections} connections, ` +
    `${rounds} rounds of ${seconds} s each.`;
  const sections = [setting];
  if (comparisons.length > 0) {
    sections.push(markdown.targetTable(comparisons), markdown.legend, markdown.contenderTables(comparisons));
  }
  if (ricMissing) sections.push(`Not measured under aws-lambda-ric: ${ricMissing}`);
  if (startup) sections.push(markdown.startupTable(startup));
  if (memory) sections.push(markdown.memoryTable(memory));
  if (router) sections.push(markdown.routerTable(router));
  if (site) sections.push(markdown.siteTable(site));
  if (overload) sections.push(markdown.overloadTable(overload));
  if (hosting) sections.push(markdown.hostingTable(hosting));
  if (ricCeiling) sections.push(markdown.ricCeilingTable(ricCeiling));
  if (sweeps) sections.push(markdown.sweepTables(sweeps));
  if (results.soak) sections.push(markdown.soakTable(results.soak));
  return `${sections.join('\n\n')}\n`;
}
