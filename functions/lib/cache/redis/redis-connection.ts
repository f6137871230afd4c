/**
 * One connection to the Redis that holds the cache, in the process of a function.
 *
 * A request waits for Redis for `commandTimeoutMs` at most. Without a usable server, commands fail at once. After a time-out,
 * all commands fail at once until Redis answers a PING.
 */
import type { Redis } from 'ioredis';
import type { CacheFault } from '../cache-store.ts';
import { CommandTimeouts } from './command-timeouts.ts';
import { loadRedis } from './load-redis.ts';
import { clusterKeyPrefix, masterConnector } from './master-connector.ts';
import type { RedisAddress } from './redis-address.ts';
import { isStillMaster, type Master, type Refusal, readServer } from './redis-info.ts';
import { scripts } from './scripts.ts';

const defaultCommandTimeoutMs = 130;
/** How many times a new process checks whether it is connected, before it does without the cache. */
const maxConnectChecks = 30;
const connectCheckPauseMs = 5;
/** The pause between two PINGs to a Redis that has timed out. */
const probePauseMs = 100;
/** How long a connection may be silent before it is replaced, because its other end may be gone. */
const socketTimeoutMs = 2_000;
const connectTimeoutMs = 1_000;
/** The pause before the first attempt to reconnect; each further pause is twice as long, up to the limit. */
const firstReconnectPauseMs = 20;
const maxReconnectPauseMs = 500;
/** The pause between two looks at the settings of the server, which somebody may change at any time. */
const inspectPauseMs = 5_000;

/** The codes of OpenSSL when it does not trust a certificate. */
const certificateErrors = /CERT|SELF_SIGNED|ISSUER/;
const certificateRemedy = '; REDIS_CA_FILE may name a file with further certificate authorities';

/** Errors of a server that is no longer the one to ask, or not yet. */
const movedErrors = /^(MOVED|ASK|TRYAGAIN|CLUSTERDOWN|READONLY|MASTERDOWN|LOADING) /;

/** Errors of a user who may not run a command, alone or in a script. */
const permissionErrors = /^NOPERM |user executing the script can't run/;

const noLongerMaster = 'the server is no longer the master that it was';

type Script<Arguments extends unknown[], Reply> = (...args: Arguments) => Promise<Reply>;

/** The commands that ioredis makes from the scripts. */
interface ScriptCommands {
  leaseItem: Script<(string | number)[], string>;
  leaseList: Script<(string | number)[], string>;
  fillItem: Script<(string | number)[], number>;
  fillList: Script<(string | number)[], number>;
  releaseItem: Script<string[], number>;
  releaseList: Script<string[], number>;
  beginWrite: Script<[keys: number, ...(string | number)[]], number>;
  finishWrite: Script<[keys: number, ...(string | number)[]], number>;
  claimEpoch: Script<string[], number>;
  clearClaimed: Script<[keys: number, ...string[]], number>;
  openClaimed: Script<string[], number>;
}

/** The client of ioredis with the scripts of the protocol. */
export type Client = Redis & ScriptCommands;

/** Why the cache is not used, and the text for the log; undefined when it is used. */
export type RedisChange = { readonly fault: CacheFault | undefined; readonly reason: string };

export interface RedisConnectionOptions {
  readonly address: RedisAddress;
  /** How long a request waits for the reply to a command before it does without the cache; 130 if left out. */
  readonly commandTimeoutMs?: number;
  /** Called when Redis can no longer be used, or for another reason than before, and when it can be used again. */
  readonly onChange?: (change: RedisChange) => void;
}

/** Connects to Redis, and knows whether the server behind the connection may be used. */
export class RedisConnection {
  /** The prefix of all keys: empty for a single server. */
  readonly keyPrefix: string;
  readonly #address: RedisAddress;
  readonly #onChange: (change: RedisChange) => void;
  readonly #timeouts: CommandTimeouts;
  #client: Client | undefined;
  #connecting: Promise<void> | undefined;
  /** The server behind the current connection, once its reply to INFO has shown that the cache may use it. */
  #master: Master | undefined;
  /** The number of the current connection. A reply that belongs to an earlier one is ignored. */
  #connection = 0;
  /** How many connections have ended since one was used. */
  #failedConnections = 0;
  /** The last argument of `onChange`. It begins without a fault, so a Redis that answers from the start is not a change. */
  #last: RedisChange = { fault: undefined, reason: '' };
  /** Why the last attempt to connect failed. */
  #failure: string | undefined;
  /** True from a time-out until Redis answers a PING. */
  #suspended = false;
  #closed = false;

  constructor({ address, commandTimeoutMs = defaultCommandTimeoutMs, onChange = () => {} }: RedisConnectionOptions) {
    this.#address = address;
    this.keyPrefix = address.engine === 'redis-cluster' ? clusterKeyPrefix : '';
    this.#timeouts = new CommandTimeouts(commandTimeoutMs, () => this.#suspend());
    this.#onChange = onChange;
  }

  /** Identifies the server and its time as a master; undefined while the cache may not be used. */
  get instance(): string | undefined {
    return this.#suspended ? undefined : this.#master?.instance;
  }

  /** Why the cache may not be used. */
  get fault(): CacheFault | undefined {
    return this.instance === undefined ? (this.#last.fault ?? 'unreachable') : undefined;
  }

  ready(): Promise<void> {
    this.#connecting ??= this.#connect().catch(() => this.#report('unreachable', 'the client could not be loaded'));
    return this.#connecting;
  }

  /**
   * Sends a command.
   * @throws {RedisUnusable} when there is no usable server, or Redis does not answer
   */
  run<T>(send: (client: Client) => Promise<T>): Promise<T> {
    return this.#wait(send(this.usableClient()));
  }

  /**
   * Sends commands that read values, and behind them the question whether the server is still the same master. A server that was
   * demoted has the data of another one, even when it is a master again.
   * @throws {RedisUnusable} when the server is no longer the same master, besides the reasons of `run`
   */
  async read<T>(send: (client: Client) => Promise<T>[]): Promise<T[]> {
    const client = this.usableClient();
    const [master, connection] = [this.#master as Master, this.#connection];
    client.stream.cork();
    const replies = [...send(client), client.info('replication')];
    client.stream.uncork();
    const values = await this.#wait(Promise.all(replies));
    if (!isStillMaster(values.pop() as string, master)) {
      this.#lose(connection, noLongerMaster);
      throw new RedisUnusable();
    }
    return values as T[];
  }

  /** @throws {RedisUnusable} when there is no usable server, or Redis does not answer */
  usableClient(): Client {
    if (this.#client === undefined || this.instance === undefined) throw new RedisUnusable();
    return this.#client;
  }

  close(): void {
    this.#closed = true;
    this.#client?.disconnect();
  }

  #wait<T>(command: Promise<T>): Promise<T> {
    const connection = this.#connection;
    return this.#timeouts.wait(command).catch((error: Error) => {
      this.#refused(connection, error.message);
      throw error;
    });
  }

  /** Gives up a server that says that it can't do its part. */
  #refused(connection: number, message: string): void {
    if (connection !== this.#connection || this.#closed) return;
    if (movedErrors.test(message)) {
      this.#lose(connection, message);
    } else if (permissionErrors.test(message)) {
      this.#master = undefined;
      this.#report('permission', `${message}; infra/docs/operations.md lists what the user of REDIS_URL needs`);
    }
  }

  /** Replaces the connection. */
  #lose(connection: number, reason: string): void {
    if (connection !== this.#connection || this.#closed) return;
    this.#disconnected(reason);
    this.#client?.disconnect(true);
  }

  /** Reports the cause of a failed attempt to connect, unless the attempt before had the same cause. */
  #attemptFailed({ message, code }: Error & { code?: string }): void {
    const remedy = code !== undefined && certificateErrors.test(code) ? certificateRemedy : '';
    this.#failure = message + remedy;
    // The first attempts of a process are reported together, by #connect.
    if (this.#last.fault !== undefined) this.#report('unreachable', this.#failure);
  }

  #report(fault: CacheFault | undefined, reason: string): void {
    const isNews = fault === undefined ? this.#last.fault !== undefined : reason !== this.#last.reason;
    this.#last = { fault, reason };
    if (isNews) this.#onChange(this.#last);
  }

  /** Loads the client only where there is a Redis: it takes as long to load as the rest of a function together. */
  async #connect(): Promise<void> {
    const library = await loadRedis();
    const { engine, servers, username, password, database, tls } = this.#address;
    const client = new library.Redis({
      ...servers[0],
      ...(engine !== 'redis' && { Connector: masterConnector(library, this.#address) }),
      username,
      password,
      db: database,
      tls,
      keyPrefix: this.keyPrefix,
      scripts,
      protocol: 2,
      disableClientInfo: true,
      connectTimeout: connectTimeoutMs,
      socketTimeout: socketTimeoutMs,
      // Without a connection, a command fails instead of waiting for one.
      enableOfflineQueue: false,
      // A command in progress fails with its connection. The next connection may lead to another instance than the one
      // that the caller has checked, so the command must not be sent again.
      maxRetriesPerRequest: 0,
      retryStrategy: () =>
        Math.min(firstReconnectPauseMs * 2 ** this.#failedConnections++, maxReconnectPauseMs) *
        (0.5 + Math.random() / 2),
    }) as Client;
    this.#client = client;
    client.on('error', (error) => this.#attemptFailed(error));
    client.on('close', () => this.#disconnected('disconnected'));
    client.on('ready', () => void this.#inspect(client));
    // Counts checks instead of time: a process that is busy with its start must not give up on a Redis that answers.
    const isOpen = () => this.#master === undefined && this.#last.fault === undefined;
    for (let check = 0; check < maxConnectChecks && isOpen(); check++) {
      await new Promise<void>((resolve) => setTimeout(resolve, connectCheckPauseMs).unref());
    }
    if (isOpen()) this.#report('unreachable', this.#failure ?? 'there is no connection yet');
  }

  /** Asks the server who it is, now and again. */
  async #inspect(client: Client): Promise<void> {
    const connection = this.#connection;
    const server = await client.info().then(readServer, ({ message }: Error): Refusal => {
      return { fault: 'unreachable', reason: message };
    });
    if (connection !== this.#connection || this.#closed) return;
    if ('fault' in server) {
      this.#master = undefined;
      this.#report(server.fault, server.reason);
      // Another server may have become the master. The other faults can end on this connection.
      if (server.fault === 'replica' || server.fault === 'unreachable') {
        client.disconnect(true);
        return;
      }
    } else if (this.#master !== undefined && this.#master.instance !== server.instance) {
      // A request that has checked the earlier instance must not read from this one.
      this.#lose(connection, noLongerMaster);
      return;
    } else {
      this.#master = server;
      this.#suspended = false;
      this.#failure = undefined;
      this.#failedConnections = 0;
      this.#report(undefined, 'connected');
    }
    setTimeout(() => {
      // A missing permission shows only in use.
      if (connection === this.#connection && this.#last.fault !== 'permission') void this.#inspect(client);
    }, inspectPauseMs).unref();
  }

  #disconnected(reason: string): void {
    this.#connection++;
    if (this.#master !== undefined && !this.#closed) this.#report('unreachable', reason);
    this.#master = undefined;
  }

  #suspend(): void {
    if (this.#suspended || this.#master === undefined || this.#closed) return;
    this.#suspended = true;
    this.#report('unreachable', 'a command timed out');
    void this.#probe(this.#connection);
  }

  async #probe(connection: number): Promise<void> {
    while (this.#suspended && connection === this.#connection && !this.#closed) {
      await new Promise<void>((resolve) => setTimeout(resolve, probePauseMs).unref());
      // The reply may take long. If the connection is replaced in the meantime, the command fails.
      const reply = await this.#client?.ping().catch(() => undefined);
      if (reply !== 'PONG' || connection !== this.#connection) continue;
      this.#suspended = false;
      this.#report(undefined, 'it answers again');
    }
  }
}

/** There is no usable Redis, or Redis does not answer. */
class RedisUnusable extends Error {
  override readonly name = 'RedisUnusable';
}
