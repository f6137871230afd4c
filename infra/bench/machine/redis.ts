/** Starts a redis-server for a contender. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../tests/support/ports.ts';
import { Program } from './program.ts';

/** A redis-server that accepts connections. */
export interface RedisServer {
  url: string;
  pid: number;
  stop(): Promise<void>;
}

/** @returns whether redis-server is installed */
export function hasRedis(): boolean {
  return spawnSync('redis-server', ['--version']).status === 0;
}

/**
 * Starts a redis-server that writes no files, as in compose.yaml.
 * @param log file for its output
 * @throws Error when it does not accept connections within two seconds
 */
export async function startRedis(log: string): Promise<RedisServer> {
  const port = await freePort();
  const program = new Program({
    command: 'redis-server',
    args: ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    log,
  });
  const url = `redis://127.0.0.1:${port}`;
  for (let attempt = 1; !(await acceptsConnections(port)); attempt++) {
    if (attempt === 100) throw new Error(`redis-server does not start: see ${log}`);
    await sleep(20);
  }
  return { url, pid: program.pid, stop: () => program.stop() };
}

async function acceptsConnections(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
