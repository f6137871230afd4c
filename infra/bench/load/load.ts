/** Sends load to a server and reads the result. It uses wrk if it is installed, and autocannon otherwise. */
import { execFile, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The requests of a workload. */
export type Requests =
  /** One path, again and again. */
  | { kind: 'get'; path: string }
  /** POST /users, each with a new e-mail. */
  | { kind: 'create' }
  /** 90 % read one of the first `userCount` users, 5 % create one, 5 % replace one. */
  | { kind: 'mixed'; userCount: number }
  /** POST /echo with a text of `bytes` bytes. */
  | { kind: 'echo'; bytes: number }
  /** POST /size with a text of `bytes` bytes. */
  | { kind: 'size'; bytes: number };

/** The requests to send, the server that gets them, and the duration. */
export interface Load {
  url: string;
  requests: Requests;
  connections: number;
  seconds: number;
}

/** The measured answers. */
export interface LoadResult {
  requestCount: number;
  requestsPerSecond: number;
  /** Latency in ms. */
  p50: number;
  p99: number;
  /** Number of answers other than 2xx and 3xx, broken connections and time-outs. */
  errors: number;
}

const run = promisify(execFile);

/** The load generator that this machine has. */
export const tool: 'wrk' | 'autocannon' = spawnSync('wrk', ['--version']).error ? 'autocannon' : 'wrk';

/**
 * Sends requests over several connections for some seconds.
 * @throws Error when the load generator fails
 */
export async function load({ url, requests, connections, seconds }: Load): Promise<LoadResult> {
  // A new prefix for each call, so that no e-mail repeats.
  const prefix = randomBytes(5).toString('hex');
  const amount = requests.kind === 'mixed' ? requests.userCount : 'bytes' in requests ? requests.bytes : 0;
  const target = requests.kind === 'get' ? url + requests.path : url;
  const { stdout } =
    tool === 'wrk'
      ? await run('wrk', [
          ...['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s'],
          ...['-s', join(import.meta.dirname, 'requests.lua'), target],
          ...['--', requests.kind, prefix, String(amount)],
        ])
      : await run(process.execPath, [
          join(import.meta.dirname, 'autocannon.mjs'),
          JSON.stringify({ url: target, connections, seconds, kind: requests.kind, prefix, amount }),
        ]);
  return JSON.parse(stdout.slice(stdout.lastIndexOf('\n{') + 1)) as LoadResult;
}
