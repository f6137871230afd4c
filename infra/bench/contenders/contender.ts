/** What takes part: servers that give the same answers, started on free ports with a Redis and a database of their own. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Program, type ProgramOptions } from '../machine/program.ts';
import { type RedisServer, startRedis } from '../machine/redis.ts';

export const root = join(import.meta.dirname, '../../..');
/** On the disk of the work tree, not in a folder that may be memory: commits are to cost what they cost. */
const runFolder = join(root, 'dist/bench/run');

export interface Contender {
  name: string;
  /** For people. */
  title: string;
  /** Has cadastro's whole API, rather than answers that look like it. */
  complete: boolean;
  /** Seconds of load before the first measurement of a workload, where the usual ones are too few. */
  warmUp?: number;
  /** @param node the Node.js to run on, if not this process's */
  start(node?: string, watch?: Watch): Promise<Running>;
}

/** For those who measure the start itself. */
export interface Watch {
  /** Milliseconds between the attempts to get an answer. */
  interval?: number;
  /** Called when all that a server needs is there, just before its process is started. */
  onSpawn?(): void;
}

export interface Running {
  url: string;
  /** The server's process; those it has started count as its own. */
  pid: number;
  redisPid: number | undefined;
  stop(): Promise<void>;
}

/** A server's surroundings: a folder that goes when it stops, and, where it needs one, a Redis. */
export interface Surroundings {
  folder: string;
  redis: RedisServer | undefined;
  log: string;
}

/**
 * Makes surroundings and has a server started in them.
 * @param begin starts the server's program and resolves when it answers
 */
export async function start(
  name: string,
  { redis: needsRedis }: { redis: boolean },
  begin: (surroundings: Surroundings) => Promise<{ url: string; program: Program }>,
): Promise<Running> {
  mkdirSync(runFolder, { recursive: true });
  const folder = mkdtempSync(join(runFolder, `${name}-`));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  const redis = needsRedis ? await startRedis(join(folder, 'redis.log')) : undefined;
  const tidy = async () => {
    await redis?.stop();
    process.off('exit', remove);
    remove();
  };
  try {
    const { url, program } = await begin({ folder, redis, log: join(folder, 'server.log') });
    return {
      url,
      pid: program.pid,
      redisPid: redis?.pid,
      async stop() {
        await program.stop();
        await tidy();
      },
    };
  } catch (error) {
    await tidy();
    throw error;
  }
}

/** Starts a program and waits until an address answers. */
export async function startProgram(
  options: ProgramOptions,
  url: string,
  { interval, onSpawn }: Watch = {},
): Promise<Program> {
  onSpawn?.();
  const program = new Program(options);
  await program.answers(url, { interval });
  return program;
}
