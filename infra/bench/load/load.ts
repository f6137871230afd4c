/** Load: what is asked, and what came back. wrk where it is installed, autocannon otherwise. */
import { execFile, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What is asked again and again. */
export type Requests =
  | { kind: 'get'; path: string }
  /** Creates users, each with an e-mail of its own. */
  | { kind: 'create' }
  /** 90 % read one of so many users, 5 % create one, 5 % replace one. */
  | { kind: 'mixed'; users: number }
  /** POST /echo with a text of so many bytes. */
  | { kind: 'echo'; bytes: number };

export interface Load {
  url: string;
  requests: Requests;
  connections: number;
  seconds: number;
}

export interface LoadResult {
  requests: number;
  perSecond: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  /** Answers other than 2xx and 3xx, broken connections and time-outs. */
  errors: number;
}

const run = promisify(execFile);

export const tool: 'wrk' | 'autocannon' = spawnSync('wrk', ['--version']).error ? 'autocannon' : 'wrk';

/** Puts load on an address for a time. */
export async function load({ url, requests, connections, seconds }: Load): Promise<LoadResult> {
  // No e-mail comes twice, in this run or another.
  const prefix = randomBytes(5).toString('hex');
  const amount = requests.kind === 'mixed' ? requests.users : requests.kind === 'echo' ? requests.bytes : 0;
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
