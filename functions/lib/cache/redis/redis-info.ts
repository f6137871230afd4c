/**
 * Reads Redis' own report, the reply to INFO: whether the cache may use this server, and what identifies it.
 *
 * @see infra/docs/decisions/040-redis-beyond-one-server.md
 */
import type { CacheFault } from '../cache-store.ts';

/** A server that the cache may use. */
export interface Master {
  /** The process, and its present time as a master. */
  readonly instance: string;
  /** The line of INFO that stays the same for as long as the server is a master without a break. */
  readonly replicationLine: string;
}

/** Why the cache may not use a server. */
export interface Refusal {
  readonly fault: CacheFault;
  /** For the log: the reason, and what to do. */
  readonly reason: string;
}

/** The oldest version that knows flags of scripts. */
const leastVersion = 7;

/** @param info the reply to INFO without a section */
export function readServer(info: string): Master | Refusal {
  const field = (name: string) => new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(info)?.[1] ?? '';
  const version = field('redis_version');
  if (Number.parseInt(version, 10) < leastVersion) {
    return { fault: 'old-version', reason: `Redis ${version} is too old; use version ${leastVersion} or newer` };
  }
  if (field('role') !== 'master') {
    return {
      fault: 'replica',
      reason: `the server is a replica of ${field('master_host')}; name the master in REDIS_URL`,
    };
  }
  const policy = field('maxmemory_policy');
  if (policy !== 'noeviction' && !policy.startsWith('volatile-')) {
    return {
      fault: 'eviction-policy',
      reason: `maxmemory-policy is ${policy || 'unknown'}, which may evict a tombstone; set volatile-lru or noeviction`,
    };
  }
  const [run, replication] = [field('run_id'), field('master_replid')];
  if (run === '' || replication === '')
    return { fault: 'unreachable', reason: 'INFO names no run_id and master_replid' };
  return { instance: `${run}:${replication}`, replicationLine: `master_replid:${replication}\r\n` };
}

/**
 * Whether a server has been a master without a break since `readServer` saw it. Redis takes a new random replication id each time
 * that it becomes a master, so a server that was demoted and promoted in the meantime does not match.
 * @param info the reply to INFO of the section `replication`
 */
export function isStillMaster(info: string, { replicationLine }: Master): boolean {
  return info.includes('role:master\r\n') && info.includes(replicationLine);
}
