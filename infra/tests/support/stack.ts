/** The servers beside a router that a suite runs on: Redis, PostgreSQL, and a PgBouncer before it. */
import { describe } from 'node:test';
import { PgBouncer, skipWithoutPgBouncer } from './pgbouncer.ts';
import { PostgresServer, skipWithoutPostgres } from './postgres.ts';
import { RedisServer, skipWithoutRedis } from './redis.ts';

/** The servers that a suite uses beside the router; without PostgreSQL on SQLite, without Redis on the embedded cache. */
export interface Stack {
  /** Whether to start a Redis; a REDIS_URL for one that runs. */
  readonly redis?: boolean | string;
  readonly postgres?: boolean;
  /** Whether a PgBouncer in transaction mode is between router and PostgreSQL, with TLS. */
  readonly pgBouncer?: boolean;
}

/** The servers of one stack, while they run. */
export class Servers {
  #redis: RedisServer | undefined;
  #postgres: PostgresServer | undefined;
  #bouncer: PgBouncer | undefined;
  /** The settings of a router that uses the servers. */
  readonly env: Record<string, string> = {};

  private constructor() {}

  static async start({ redis, postgres, pgBouncer }: Stack): Promise<Servers> {
    const servers = new Servers();
    if (redis === true) servers.#redis = await RedisServer.start();
    const url = typeof redis === 'string' ? redis : servers.#redis?.url;
    if (url !== undefined) servers.env.REDIS_URL = url;
    if (postgres) await servers.#startPostgres(pgBouncer);
    return servers;
  }

  async #startPostgres(pgBouncer = false): Promise<void> {
    this.#postgres = await PostgresServer.start();
    const database = await this.#postgres.createDatabase();
    if (pgBouncer) this.#bouncer = await PgBouncer.start(this.#postgres);
    Object.assign(this.env, this.#bouncer?.settings(database) ?? { DATABASE_URL: database });
  }

  /** @throws Error in a stack without a Redis of its own */
  get redis(): RedisServer {
    if (this.#redis === undefined) throw new Error('This suite runs without Redis');
    return this.#redis;
  }

  async stop(): Promise<void> {
    await this.#redis?.stop();
    await this.#bouncer?.stop();
    await this.#postgres?.stop();
  }
}

/** Whether a suite runs another time, under aws-lambda-ric or with AUTH=on. The stacks do not matter to the difference. */
const isRepeated = process.env.FUNCTION_RUNTIME === 'ric' || process.env.AUTH === 'on';

/**
 * Declares a suite for each stack: SQLite with both caches, and PostgreSQL with Redis, alone and behind PgBouncer. A suite that
 * is repeated runs on SQLite and on PostgreSQL, with Redis.
 * @param declare declares the suite's hooks and tests
 */
export function describeEveryStack(subject: string, declare: (stack: Stack) => void): void {
  describeWithRedis(subject, declare);
  const skip = skipWithoutRedis() || skipWithoutPostgres();
  const postgres = { redis: true, postgres: true };
  describe(`${subject}, on PostgreSQL`, { skip }, () => declare(postgres));
  if (isRepeated) return;
  describe(`${subject}, with the embedded cache`, () => declare({}));
  describe(`${subject}, on PostgreSQL behind PgBouncer, over TLS`, { skip: skip || skipWithoutPgBouncer() }, () =>
    declare({ ...postgres, pgBouncer: true }),
  );
}

/** Declares a suite that needs Redis. @throws Error in continuous integration without Redis */
export function describeWithRedis(subject: string, declare: (stack: Stack) => void): void {
  describe(`${subject}, with Redis`, { skip: skipWithoutRedis() }, () => declare({ redis: true }));
}
