/** Starts PgBouncer in transaction mode for one test, with TLS between it and its clients. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { makeAuthority, makeServerCertificate, skipWithoutOpenssl } from './certificates.ts';
import { freePort } from './ports.ts';
import { type PostgresServer, unprivileged } from './postgres.ts';
import { skipWithout } from './requirement.ts';
import { until } from './until.ts';

/** The `skip` option of tests that need PgBouncer. @throws Error in continuous integration without it */
export function skipWithoutPgBouncer(): string | false {
  const { error } = spawnSync(program, ['--version'], { stdio: 'ignore', env });
  return skipWithout(error && 'pgbouncer is not installed') || skipWithoutOpenssl();
}

const program = 'pgbouncer';
/** Debian keeps the program where only root looks for programs. */
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };

/**
 * A pool of connections to a server. A connection to the server belongs to a client for one transaction only, and the next
 * transaction gets another one, if there are several.
 */
export class PgBouncer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'cadastro-pgbouncer-'));
  readonly #port: number;
  readonly #killAtExit = () => this.#process?.kill('SIGKILL');
  #process: ChildProcess | undefined;
  #exited: Promise<unknown> = Promise.resolve();

  private constructor(port: number) {
    this.#port = port;
    process.once('exit', this.#killAtExit);
  }

  static async start(server: PostgresServer): Promise<PgBouncer> {
    const bouncer = new PgBouncer(await freePort());
    await bouncer.#start(server);
    return bouncer;
  }

  /** The settings of a router that reaches a database of the server through the pool. @param url of that database */
  settings(url: string): Record<string, string> {
    const address = new URL(url);
    address.port = String(this.#port);
    address.search = '?sslmode=verify-full';
    return {
      DATABASE_URL: address.href,
      DATABASE_CA_FILE: this.#authority,
      DATABASE_PREPARED_STATEMENTS: 'off',
    };
  }

  /** Makes the pool of a database hold three connections to the server. @param url of that database */
  async openThree(url: string): Promise<void> {
    const clients = [this.#client(url), this.#client(url), this.#client(url)];
    for (const client of clients) {
      await client.connect();
      await client.query('BEGIN');
    }
    for (const client of clients) {
      await client.query('COMMIT');
      await client.end();
    }
  }

  async stop(): Promise<void> {
    process.off('exit', this.#killAtExit);
    this.#process?.kill('SIGKILL');
    await this.#exited;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #authority(): string {
    return join(this.#folder, 'authority.crt');
  }

  async #start(server: PostgresServer): Promise<void> {
    makeAuthority(this.#folder, 'authority');
    makeServerCertificate(this.#folder, 'server', 'authority');
    const file = join(this.#folder, 'pgbouncer.ini');
    writeFileSync(
      file,
      `[databases]
* = host=127.0.0.1 port=${server.port} user=cadastro
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${this.#port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
server_round_robin = 1
ignore_startup_parameters = extra_float_digits
client_tls_sslmode = require
client_tls_cert_file = ${join(this.#folder, 'server.crt')}
client_tls_key_file = ${join(this.#folder, 'server.key')}
`,
    );
    const user = unprivileged();
    if (user.uid !== undefined && user.gid !== undefined)
      for (const path of ['.', ...readdirSync(this.#folder)]) chownSync(join(this.#folder, path), user.uid, user.gid);
    const child = spawn(program, ['-q', file], { ...user, env, cwd: '/', stdio: 'ignore' });
    this.#process = child;
    this.#exited = once(child, 'exit');
    await until('PgBouncer answers', async () => {
      if (child.exitCode !== null) throw new Error('pgbouncer ended before it was ready');
      const client = this.#client(server.url());
      return client.connect().then(
        () => client.end().then(() => true),
        () => false,
      );
    });
  }

  /** @param url of a database of the server */
  #client(url: string): pg.Client {
    const { username: user, pathname } = new URL(url);
    const address = { host: '127.0.0.1', port: this.#port, user, database: pathname.slice(1) };
    const client = new pg.Client({ ...address, ssl: { rejectUnauthorized: false } });
    client.on('error', () => {});
    return client;
  }
}
