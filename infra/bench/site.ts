/** Measures what a page of the site costs beside a cached read of the API. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../tests/support/ports.ts';
import { builds, cadastro } from './contenders/cadastro.ts';
import { type RunningServer, root, startProgram } from './contenders/contender.ts';
import { fastify } from './contenders/reference.ts';
import { load } from './load/load.ts';
import { NoiseMeter, waitForQuiet } from './machine/noise.ts';
import { cpuSeconds } from './machine/processes.ts';
import { median, type Spread, spread } from './report/statistics.ts';
import { createUsers } from './users.ts';

/** The cost of the page that lists 100 users, as the server renders it. */
export interface SiteCost {
  /** CPU time of the site's process for a page (µs). */
  page: number;
  /** CPU time of the API's processes for the same page (µs). */
  api: number;
  /** CPU time of Fastify for GET of one cached user (µs). */
  read: number;
  /** Page and API together in times of that read. */
  ratio: Spread;
  /** Share of all cores that other programs used, 0 to 1. */
  noise: number;
}

/** How long and how often `measureSite` measures. */
export interface SiteOptions {
  rounds: number;
  seconds: number;
  quietTimeoutSeconds: number;
}

/** A few visitors at once; each page is more work than a request of the API. */
const connections = 8;

/** Measures the site and Fastify in turn. The site must have been built. */
export async function measureSite({ rounds, seconds, quietTimeoutSeconds }: SiteOptions): Promise<SiteCost> {
  const folder = mkdtempSync(join(builds, 'site-'));
  const api = await cadastro.start();
  const reference = await fastify.start();
  try {
    for (const { url } of [api, reference]) await createUsers(url, 100);
    const site = await startSite(api, folder);
    const measures = [
      () => cost(site.url, '/', seconds, [site.pid, api.pid]),
      () => cost(reference.url, '/users/1', seconds, [reference.pid]),
    ] as const;
    for (const measure of measures) await measure();
    const noise = new NoiseMeter();
    const pages: { page: number; api: number; read: number }[] = [];
    while (pages.length < rounds) {
      await waitForQuiet(quietTimeoutSeconds);
      const [page = 0, ofApi = 0] = await measures[0]();
      const [read = 0] = await measures[1]();
      pages.push({ page, api: ofApi, read });
    }
    await site.stop();
    return {
      page: median(pages.map(({ page }) => page)),
      api: median(pages.map((each) => each.api)),
      read: median(pages.map(({ read }) => read)),
      ratio: spread(pages.map(({ page, api: ofApi, read }) => (page + ofApi) / read)),
      noise: noise.read(),
    };
  } finally {
    await Promise.all([api.stop(), reference.stop()]);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startSite(api: RunningServer, folder: string) {
  const url = `http://127.0.0.1:${await freePort()}`;
  const env = { API_URL: api.url, SITE_PORT: new URL(url).port, SITE_DATA: join(folder, 'imports') };
  const args = [join(root, 'dist/site/main.mjs')];
  const log = join(folder, 'site.log');
  const program = await startProgram({ command: process.execPath, args, env, log }, `${url}/readyz`);
  return { url, pid: program.pid, stop: () => program.stop() };
}

/** @returns CPU time of each process tree for one request (µs) */
async function cost(url: string, path: string, seconds: number, pids: readonly number[]): Promise<number[]> {
  const before = pids.map(cpuSeconds);
  const result = await load({ url, requests: { kind: 'get', path }, connections, seconds });
  if (result.errors > 0) throw new Error(`${result.errors} errors with ${url}${path}`);
  return pids.map((pid, index) => ((cpuSeconds(pid) - (before[index] ?? 0)) / result.requestCount) * 1e6);
}
