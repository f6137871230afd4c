/** Contenders: servers with the same API. Each runs on free ports, with its own Redis and its own database. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PostgresServer } from '../../tests/support/postgres.ts';
import { Program, type ProgramOptions } from '../machine/program.ts';
import { type RedisServer, startRedis } from '../machine/redis.ts';

/** The project's root folder. */
export const root = join(import.meta.dirname, '../../..');
/** On the disk of the project. A temporary folder may be in memory, where a commit costs nothing. */
const runFolder = join(root, 'dist/bench/run');

/** A server that the bench measures. */
export interface Contender {
  name: string;
  /** Name in the report. */
  title: string;
  /** Whether the server has cadastro's API. Otherwise it returns constant bodies. */
  hasFullApi: boolean;
  /** Seconds of load before the first measurement, if the server needs more than the usual ones. */
  warmUpSeconds?: number;
  /**
   * @param node path of the Node.js binary; by default that of this process
   * @param observer for measurements of the start itself
   */
  start(node?: string, observer?: StartObserver): Promise<RunningServer>;
}

/** Hooks for measurements of the start itself. */
export interface StartObserver {
  /** Time between two attempts to get an answer. */
  pollIntervalMs?: number;
  /** Called right before the server's process starts, when Redis and the folder are ready. */
  onSpawn?(): void;
}

/** A contender that answers requests. */
export interface RunningServer {
  url: string;
  /** The server's process. Measurements include its descendants. */
  pid: number;
  redisPid: number | undefined;
  stop(): Promise<void>;
}

/**
 * Starts a server and measures how long its first answer takes.
 * @param pollIntervalMs time between two attempts to get an answer
 * @returns the server, and the time from the start of its process (ms)
 */
export async function startTimed(
  { start: begin }: Pick<Contender, 'start'>,
  pollIntervalMs: number,
): Promise<{ running: RunningServer; ms: number }> {
  let begun = 0;
  const running = await begin(process.execPath, {
    pollIntervalMs,
    onSpawn: () => {
      begun = performance.now();
    },
  });
  return { running, ms: performance.now() - begun };
}

/** A folder that is deleted when the server stops, and a Redis if the server needs one. */
export interface Workspace {
  folder: string;
  redis: RedisServer | undefined;
  /** Address of an empty database of a PostgreSQL, if the server needs one. */
  databaseUrl: string | undefined;
  /** File for the server's output. */
  log: string;
}

/**
 * Makes a workspace and starts a server in it.
 * @param name of the contender, for the folder's name
 * @param needs what the workspace has beside the folder
 * @param launch starts the server's program and resolves when it answers
 */
export async function start(
  name: string,
  needs: { redis: boolean; postgres?: boolean | undefined },
  launch: (workspace: Workspace) => Promise<{ url: string; program: Program }>,
): Promise<RunningServer> {
  mkdirSync(runFolder, { recursive: true });
  const folder = mkdtempSync(join(runFolder, `${name}-`));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  const redis = needs.redis ? await startRedis(join(folder, 'redis.log')) : undefined;
  const postgres = needs.postgres ? await PostgresServer.start({ parent: runFolder, isDurable: true }) : undefined;
  const removeWorkspace = async () => {
    await postgres?.stop();
    await redis?.stop();
    process.off('exit', remove);
    remove();
  };
  try {
    const databaseUrl = await postgres?.createDatabase();
    const { url, program } = await launch({ folder, redis, databaseUrl, log: join(folder, 'server.log') });
    return {
      url,
      pid: program.pid,
      redisPid: redis?.pid,
      async stop() {
        await program.stop();
        await removeWorkspace();
      },
    };
  } catch (error) {
    await removeWorkspace();
    throw error;
  }
}

/**
 * Starts a program and waits until an address answers.
 * @param url answers 200 when the program is ready
 * @throws Error with the end of the program's log when the program ends or never answers
 */
export async function startProgram(
  options: ProgramOptions,
  url: string,
  { pollIntervalMs, onSpawn }: StartObserver = {},
): Promise<Program> {
  onSpawn?.();
  const program = new Program(options);
  await program.waitUntilReady(url, { pollIntervalMs });
  return program;
}
