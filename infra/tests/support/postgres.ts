/** Starts a PostgreSQL server for one test file, which can kill it, pause it, and start it again with its data. */
import { type ChildProcess, execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from './ports.ts';
import { skipWithout } from './requirement.ts';
import { until } from './until.ts';

const debianFolder = '/usr/lib/postgresql';

/** @returns the path of a program of the newest PostgreSQL that is installed; undefined without one */
function find(program: string): string | undefined {
  const versions = existsSync(debianFolder) ? readdirSync(debianFolder).sort((a, b) => Number(b) - Number(a)) : [];
  const installed = versions.map((version) => join(debianFolder, version, 'bin', program)).find(existsSync);
  return installed ?? (spawnSync(program, ['--version'], { stdio: 'ignore' }).error ? undefined : program);
}

/** The `skip` option of tests that need PostgreSQL. @throws Error in continuous integration without PostgreSQL */
export function skipWithoutPostgres(): string | false {
  return skipWithout(find('initdb') === undefined ? 'PostgreSQL 15 (postgresql-15) is not installed' : undefined);
}

/** The server refuses to run as root, so a test that does so starts it as a user without rights. */
export function unprivileged(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

/** Where and how a server keeps its data. */
export interface PostgresServerOptions {
  /** The folder that gets the folder of the data; by default that for temporary files. */
  readonly parent?: string;
  /** Whether commits survive a power cut. Tests do without that, because they run many servers at once. */
  readonly isDurable?: boolean;
}

/** A server on a port of its own, with its data in a temporary folder. */
export class PostgresServer {
  readonly port: number;
  readonly #folder: string;
  readonly #isDurable: boolean;
  readonly #killAtExit = () => this.#process?.kill('SIGKILL');
  #process: ChildProcess | undefined;
  #exited: Promise<unknown> = Promise.resolve();
  #databases = 0;

  private constructor(port: number, { parent = tmpdir(), isDurable = false }: PostgresServerOptions = {}) {
    this.port = port;
    this.#folder = mkdtempSync(join(parent, 'cadastro-postgres-'));
    this.#isDurable = isDurable;
    process.once('exit', this.#killAtExit);
  }

  static async start(options: PostgresServerOptions = {}): Promise<PostgresServer> {
    const server = new PostgresServer(await freePort(), options);
    const user = unprivileged();
    if (user.uid !== undefined && user.gid !== undefined) chownSync(server.#folder, user.uid, user.gid);
    const flags = ['--auth=trust', '--no-sync', '--encoding=UTF8', '--locale=C.UTF-8', '--username=cadastro'];
    execFileSync(find('initdb') as string, ['-D', server.#data, ...flags], { ...user, stdio: 'ignore', cwd: '/' });
    await server.start();
    return server;
  }

  /** Lets clients use TLS. @param certificate path of the server's certificate @param key path of its key */
  async offerTls(certificate: string, key: string): Promise<void> {
    const { uid, gid } = unprivileged();
    for (const [setting, path] of Object.entries({ ssl_cert_file: certificate, ssl_key_file: key })) {
      const copy = join(this.#data, setting);
      copyFileSync(path, copy);
      chmodSync(copy, 0o600);
      if (uid !== undefined && gid !== undefined) chownSync(copy, uid, gid);
      await this.query(`ALTER SYSTEM SET ${setting} = '${setting}'`);
    }
    await this.query('ALTER SYSTEM SET ssl = on');
    await this.query('SELECT pg_reload_conf()');
  }

  /** @returns a standby that receives the commits of this server a moment later */
  async startStandby(): Promise<PostgresServer> {
    const standby = new PostgresServer(await freePort(), {});
    const user = unprivileged();
    if (user.uid !== undefined && user.gid !== undefined) chownSync(standby.#folder, user.uid, user.gid);
    const options = ['-D', standby.#data, '-R', '--checkpoint=fast', '--no-sync', '-d', this.url()];
    await promisify(execFile)(find('pg_basebackup') as string, options, { ...user, cwd: '/' });
    await standby.start();
    return standby;
  }

  /** Waits until a standby has all commits of this server. */
  async isFollowedBy(standby: PostgresServer): Promise<void> {
    const [now] = await this.query<{ lsn: string }>('SELECT pg_current_wal_lsn()::text AS lsn');
    await until('the standby has the last commits', async () => {
      const [row] = await standby.query<{ has: boolean }>(`SELECT pg_last_wal_replay_lsn() >= '${now?.lsn}' AS has`);
      return row?.has;
    });
  }

  /** Makes this standby receive no further commits. */
  async stopFollowing(): Promise<void> {
    await this.query("ALTER SYSTEM SET primary_conninfo = ''");
    await this.query('SELECT pg_reload_conf()');
    await until('the standby receives nothing', async () => {
      const rows = await this.query('SELECT pid FROM pg_stat_wal_receiver');
      return rows.length === 0;
    });
  }

  /** Makes this standby a server of its own. */
  async promote(): Promise<void> {
    await this.query('SELECT pg_promote()');
  }

  /** Starts the server with the data that it had before. */
  async start(): Promise<void> {
    const fsync = `fsync=${this.#isDurable ? 'on' : 'off'}`;
    const settings = ['listen_addresses=127.0.0.1', fsync, 'max_connections=200', `unix_socket_directories=`];
    const child = spawn(
      find('postgres') as string,
      ['-D', this.#data, '-p', String(this.port), ...settings.flatMap((setting) => ['-c', setting])],
      { ...unprivileged(), cwd: '/', stdio: 'ignore' },
    );
    this.#process = child;
    this.#exited = once(child, 'exit');
    await until('PostgreSQL answers', async () => {
      if (child.exitCode !== null) throw new Error('postgres ended before it was ready');
      return this.query('SELECT 1').catch(() => false);
    });
  }

  /** @returns the URL of a new, empty database */
  async createDatabase(): Promise<string> {
    const name = `test_${++this.#databases}`;
    await this.query(`CREATE DATABASE ${name}`);
    return this.url(name);
  }

  url(database = 'postgres', port = this.port): string {
    return `postgres://cadastro@127.0.0.1:${port}/${database}`;
  }

  /** @param url of a database of this server @returns a connection that the caller ends */
  async connect(url = this.url()): Promise<pg.Client> {
    const client = new pg.Client(url);
    client.on('error', () => {});
    await client.connect();
    return client;
  }

  /** Runs one statement over a connection of its own. @param url of a database of this server */
  async query<T extends pg.QueryResultRow>(sql: string, url = this.url()): Promise<T[]> {
    const client = await this.connect(url);
    try {
      return (await client.query<T>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** Ends every connection of a database, as an administrator may. */
  async terminateBackends(url: string): Promise<void> {
    await this.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      url,
    );
  }

  /** Kills the server and its processes, as a power cut does. */
  async kill(): Promise<void> {
    this.#signal('SIGKILL');
    await this.#exited;
  }

  /** Stops all processes with SIGSTOP: connections stay open and new ones are accepted, but nothing is answered. */
  pause(): void {
    this.#signal('SIGSTOP');
  }

  resume(): void {
    this.#signal('SIGCONT');
  }

  async stop(): Promise<void> {
    process.off('exit', this.#killAtExit);
    this.#process?.kill('SIGQUIT');
    await this.#exited;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Sends a signal to the server and to its processes. The server is stopped meanwhile, so that it starts no further one. */
  #signal(name: NodeJS.Signals): void {
    const server = this.#process?.pid;
    if (server === undefined) return;
    process.kill(server, 'SIGSTOP');
    const pids = spawnSync('pgrep', ['-P', String(server)], { encoding: 'utf8' })
      .stdout.split('\n')
      .filter(Boolean);
    for (const pid of [server, ...pids.map(Number)]) {
      try {
        process.kill(pid, name);
      } catch {
        // The process has ended in the meantime.
      }
    }
  }

  get #data(): string {
    return join(this.#folder, 'data');
  }
}
