/** Starts a Redis server for one test, which can kill it, pause it, and start it again empty or with an old snapshot. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RedisAddress } from '../../../functions/lib/cache/redis/redis-address.ts';
import { freePort } from './ports.ts';
import { skipWithout } from './requirement.ts';

/** The `skip` option of tests that need Redis. @throws Error in continuous integration without Redis */
export function skipWithoutRedis(): string | false {
  const { error } = spawnSync('redis-server', ['--version'], { stdio: 'ignore' });
  return skipWithout(error && 'redis-server is not installed');
}

export class RedisServer {
  readonly port: number;
  readonly #folder = mkdtempSync(join(tmpdir(), 'cadastro-redis-'));
  readonly #killAtExit = () => this.#process?.kill('SIGKILL');
  #process: ChildProcess | undefined;
  #exited: Promise<unknown> = Promise.resolve();

  readonly #options: readonly string[];

  private constructor(port: number, options: readonly string[]) {
    this.port = port;
    this.#options = options;
    process.once('exit', this.#killAtExit);
  }

  /** @param options further options of redis-server */
  static async start(options: readonly string[] = []): Promise<RedisServer> {
    const redis = new RedisServer(await freePort(), options);
    await redis.start();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get address(): RedisAddress {
    return { engine: 'redis', servers: [{ host: '127.0.0.1', port: this.port }], masterName: '', database: 0 };
  }

  /**
   * Starts the server on its port.
   * @param withSnapshot whether it loads the data of the last `keepSnapshot`; otherwise it is empty
   */
  async start(withSnapshot = false): Promise<void> {
    const data = join(this.#folder, 'dump.rdb');
    rmSync(data, { force: true });
    if (withSnapshot && existsSync(this.#snapshot)) copyFileSync(this.#snapshot, data);
    const args = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    const child = spawn('redis-server', [...args, '--dir', this.#folder, '--loglevel', 'notice', ...this.#options], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.#process = child;
    this.#exited = once(child, 'exit');
    const ready = new Promise<void>((resolve) => {
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => {
        output += chunk;
        if (output.includes('Ready to accept connections')) resolve();
      });
    });
    const ended = this.#exited.then(() => Promise.reject(new Error('redis-server ended before it was ready')));
    ended.catch(() => {});
    await Promise.race([ready, ended]);
  }

  /** Kills the server, which loses the data in its memory. */
  async kill(): Promise<void> {
    this.#process?.kill('SIGKILL');
    await this.#exited;
  }

  /** Stops the process with SIGSTOP: its connections stay open, and it answers nothing. */
  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  /** Saves a snapshot of the present data for a later `start`. */
  async keepSnapshot(): Promise<void> {
    await this.command('SAVE');
    copyFileSync(join(this.#folder, 'dump.rdb'), this.#snapshot);
  }

  /**
   * Sends one command over a connection of its own, and again when the server closes the connection: a Sentinel has all
   * clients of a server closed when it promotes it.
   * @returns the reply as it came
   */
  async command(...words: string[]): Promise<string> {
    for (;;) {
      const reply = await this.#reply(words);
      if (reply) return reply;
    }
  }

  /** @returns undefined when the server closed the connection */
  async #reply(words: string[]): Promise<string | undefined> {
    const socket = connect(this.port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      const bulk = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('');
      socket.write(`*${words.length}\r\n${bulk}`);
      const [reply] = (await Promise.race([once(socket, 'data'), once(socket, 'close')])) as [Buffer | boolean];
      return typeof reply === 'boolean' ? undefined : reply.toString();
    } catch (error) {
      // A server that closes a connection with an unread command in it resets the connection.
      if (/^(ECONNRESET|EPIPE)$/.test((error as NodeJS.ErrnoException).code ?? '')) return undefined;
      throw error;
    } finally {
      socket.destroy();
    }
  }

  async stop(): Promise<void> {
    process.off('exit', this.#killAtExit);
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #snapshot(): string {
    return join(this.#folder, 'old.rdb');
  }
}
