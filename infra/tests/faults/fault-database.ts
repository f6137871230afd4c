/** The databases that the system under test can have: a SQLite file, or a PostgreSQL server behind a proxy. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { PostgresServer } from '../support/postgres.ts';
import { FaultProxy } from '../support/proxy.ts';
import type { SeenUser } from './history/operation.ts';

/** A database of the system under test. */
export interface FaultDatabase {
  /** The DATABASE_URL of the routers. */
  readonly url: string;
  /** @returns every user that is stored, in the order of the ids */
  users(): Promise<SeenUser[]>;
  stop(): Promise<void>;
}

/** A file in a folder of its own, so that a fault can move its files at once. */
export class SqliteFile implements FaultDatabase {
  readonly file: string;

  constructor(file: string) {
    this.file = file;
    mkdirSync(dirname(file));
  }

  get url(): string {
    return `sqlite:${this.file}`;
  }

  /** @throws Error when the file is damaged */
  async users(): Promise<SeenUser[]> {
    const database = new BetterSqlite3(this.file, { readonly: true });
    try {
      const integrity = database.pragma('integrity_check', { simple: true });
      if (integrity !== 'ok') throw new Error(`integrity_check: ${integrity}`);
      const columns = 'id, name, email, created_at AS createdAt, updated_at AS updatedAt, version';
      return database.prepare<[], SeenUser>(`SELECT ${columns} FROM users ORDER BY id`).all();
    } finally {
      database.close();
    }
  }

  async stop(): Promise<void> {}
}

/** A server that routers reach through a proxy, and faults directly. */
export class PostgresDatabase implements FaultDatabase {
  readonly server: PostgresServer;
  readonly proxy: FaultProxy;
  /** The URL without the proxy. */
  readonly directUrl: string;

  private constructor(server: PostgresServer, proxy: FaultProxy, directUrl: string) {
    this.server = server;
    this.proxy = proxy;
    this.directUrl = directUrl;
  }

  static async start(): Promise<PostgresDatabase> {
    const server = await PostgresServer.start();
    return new PostgresDatabase(server, await FaultProxy.start(server.port), await server.createDatabase());
  }

  get url(): string {
    return this.server.url(this.directUrl.split('/').at(-1), this.proxy.port);
  }

  async users(): Promise<SeenUser[]> {
    const columns = 'id::int, name, email, created_at AS "createdAt", updated_at AS "updatedAt", version::int';
    return this.server.query<SeenUser & Record<string, unknown>>(
      `SELECT ${columns} FROM users ORDER BY id`,
      this.directUrl,
    );
  }

  /** Kills the server, and promotes a standby in its place. */
  async failOver(standby: PostgresServer): Promise<void> {
    await this.server.kill();
    await standby.promote();
    this.proxy.moveTo(standby.port);
    this.proxy.cut();
  }

  async stop(): Promise<void> {
    await this.proxy.stop();
    await this.server.stop();
  }
}
