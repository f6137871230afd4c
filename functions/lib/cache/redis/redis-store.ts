/**
 * The cache in Redis.
 *
 * A request waits for Redis for `commandTimeoutMs` at most. Without a connection, commands fail at once. After a time-out,
 * all commands fail at once until Redis answers a PING.
 */
import type { Redis } from 'ioredis';
import type { Resource } from '../../database/resources.ts';
import type { WriteScope } from '../../database/write-queue.ts';
import { type CacheStore, leaseReply } from '../cache-store.ts';
import {
  abandonedAfterMs,
  type CacheKey,
  defaultMaxListBytes,
  epochKey,
  itemKey,
  itemTtlMs,
  leaseTtlMs,
  listKey,
  listTtlMs,
  maxListQueries,
  writesKey,
} from '../keys.ts';
import { CommandTimeouts } from './command-timeouts.ts';
import { loadRedis } from './load-redis.ts';
import { ReadBatch } from './read-batch.ts';
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
/** How many keys one SCAN looks at. */
const scanCount = 1000;

/** The codes of OpenSSL when it does not trust a certificate. */
const certificateErrors = /CERT|SELF_SIGNED|ISSUER/;
const certificateRemedy = '; NODE_EXTRA_CA_CERTS may name a file with further certificate authorities';

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

type Client = Redis & ScriptCommands;

export interface RedisStoreOptions {
  readonly url: string;
  /** How many bytes the values of one list have before it is emptied; 16 MiB if left out. */
  readonly maxListBytes?: number;
  /** How long a request waits for the reply to a command before it does without the cache; 130 if left out. */
  readonly commandTimeoutMs?: number;
  /** Called when Redis stops answering and when it answers again. */
  readonly onChange?: (reachable: boolean, reason: string) => void;
}

/** Implements the protocol with Lua scripts on one connection. */
export class RedisStore implements CacheStore {
  readonly #url: string;
  readonly #maxListBytes: number;
  readonly #onChange: (reachable: boolean, reason: string) => void;
  #client: Client | undefined;
  #connecting: Promise<void> | undefined;
  /** Identifies the Redis process behind the current connection, once the reply to INFO has named it. */
  #runId: string | undefined;
  /** The number of the current connection. A reply that belongs to an earlier one is ignored. */
  #connection = 0;
  /** The last argument of `onChange`. It begins as true, so a Redis that answers from the start is not a change. */
  #reachable = true;
  /** Why the last attempt to connect failed. */
  #failure: string | undefined;
  /** True from a time-out until Redis answers a PING. */
  #suspended = false;
  #closed = false;
  readonly #timeouts: CommandTimeouts;
  readonly #reads = new ReadBatch((hash, names) => this.#fetch(hash, names));

  constructor({
    url,
    maxListBytes = defaultMaxListBytes,
    commandTimeoutMs = defaultCommandTimeoutMs,
    onChange = () => {},
  }: RedisStoreOptions) {
    this.#url = url;
    this.#maxListBytes = maxListBytes;
    this.#timeouts = new CommandTimeouts(commandTimeoutMs, () => this.#suspend());
    this.#onChange = onChange;
  }

  get instance(): string | undefined {
    return this.#suspended ? undefined : this.#runId;
  }

  ready(): Promise<void> {
    this.#connecting ??= this.#connect().catch(() => this.#report(false, 'the client could not be loaded'));
    return this.#connecting;
  }

  get(key: CacheKey): Promise<string | null> {
    this.#usableClient();
    return this.#reads.get(key);
  }

  async lease(key: CacheKey, epoch: string, token: string): Promise<string> {
    const client = this.#usableClient();
    const common = [epochKey, writesKey(key.resource), token, epoch, leaseTtlMs, abandonedAfterMs];
    try {
      return await this.#timeouts.wait(
        'id' in key
          ? client.leaseItem(itemKey(key.resource, key.id), ...common)
          : client.leaseList(listKey(key.resource), ...common, key.query, listTtlMs, maxListQueries),
      );
    } catch (error) {
      if (isOutOfMemory(error)) return leaseReply.full;
      throw error;
    }
  }

  fill(key: CacheKey, epoch: string, token: string, value: string): Promise<number> {
    const client = this.#usableClient();
    return this.#timeouts.wait(
      'id' in key
        ? client.fillItem(itemKey(key.resource, key.id), epochKey, token, epoch, value, itemTtlMs)
        : client.fillList(
            ...[listKey(key.resource), epochKey, token, epoch, key.query, value, listTtlMs, this.#maxListBytes],
          ),
    );
  }

  release(key: CacheKey, token: string): Promise<number> {
    const client = this.#usableClient();
    return this.#timeouts.wait(
      'id' in key
        ? client.releaseItem(itemKey(key.resource, key.id), token)
        : client.releaseList(listKey(key.resource), token, key.query),
    );
  }

  async begin(epoch: string, write: string, scopes: readonly WriteScope[]): Promise<boolean> {
    const keys = keysOf(scopes);
    const command = this.#usableClient().beginWrite(keys.length, ...keys, epoch, write, scopes.length);
    return (await this.#timeouts.wait(command)) === 1;
  }

  async finish(epoch: string, write: string, scopes: readonly WriteScope[]): Promise<boolean> {
    const keys = keysOf(scopes);
    const command = this.#usableClient().finishWrite(keys.length, ...keys, epoch, write, scopes.length);
    return (await this.#timeouts.wait(command)) === 1;
  }

  claim(token: string): Promise<unknown> {
    return this.#timeouts.wait(this.#usableClient().claimEpoch(epochKey, token));
  }

  async clear(token: string, resources: readonly Resource[]): Promise<boolean> {
    for (const resource of resources) {
      if (!(await this.#removeClaimed(token, [listKey(resource), writesKey(resource)]))) return false;
      let cursor = '0';
      do {
        const scan = this.#usableClient().scan(cursor, 'MATCH', itemKey(resource, '[0-9]*'), 'COUNT', scanCount);
        const [next, keys] = await this.#timeouts.wait(scan);
        if (keys.length > 0 && !(await this.#removeClaimed(token, keys))) return false;
        cursor = next;
      } while (cursor !== '0');
    }
    return true;
  }

  async open(token: string, epoch: string): Promise<boolean> {
    return (await this.#timeouts.wait(this.#usableClient().openClaimed(epochKey, token, epoch))) === 1;
  }

  close(): void {
    this.#closed = true;
    this.#client?.disconnect();
  }

  /** @throws {RedisUnreachable} when there is no connection, or Redis does not answer */
  #usableClient(): Client {
    if (this.#client === undefined || this.instance === undefined) throw new RedisUnreachable();
    return this.#client;
  }

  async #fetch(hash: string | undefined, names: string[]): Promise<(string | null)[]> {
    const client = this.#usableClient();
    return this.#timeouts.wait(hash === undefined ? client.mget(names) : client.hmget(hash, ...names));
  }

  async #removeClaimed(token: string, keys: readonly string[]): Promise<boolean> {
    const command = this.#usableClient().clearClaimed(keys.length + 1, epochKey, ...keys, token);
    return (await this.#timeouts.wait(command)) === 1;
  }

  /** Reports the cause of a failed attempt to connect, unless the attempt before had the same cause. */
  #attemptFailed({ message, code }: Error & { code?: string }): void {
    const remedy = code !== undefined && certificateErrors.test(code) ? certificateRemedy : '';
    const failure = message + remedy;
    if (failure === this.#failure) return;
    this.#failure = failure;
    // The first attempts of a process are reported together, by #connect.
    if (!this.#reachable) this.#onChange(false, failure);
  }

  #report(reachable: boolean, reason: string): void {
    if (reachable !== this.#reachable) this.#onChange(reachable, reason);
    this.#reachable = reachable;
  }

  /** Loads the client only where there is a Redis: it takes as long to load as the rest of a function together. */
  async #connect(): Promise<void> {
    const Redis = await loadRedis();
    const client = new Redis(this.#url, {
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
      retryStrategy: (attempt) =>
        Math.min(firstReconnectPauseMs * 2 ** attempt, maxReconnectPauseMs) * (0.5 + Math.random() / 2),
    }) as Client;
    this.#client = client;
    client.on('error', (error) => this.#attemptFailed(error));
    client.on('close', () => this.#disconnected());
    client.on('ready', () => this.#identify(client));
    // Counts checks instead of time: a process that is busy with its start must not give up on a Redis that answers.
    for (let check = 0; check < maxConnectChecks && this.#runId === undefined; check++) {
      await new Promise<void>((resolve) => setTimeout(resolve, connectCheckPauseMs).unref());
    }
    if (this.#runId === undefined) this.#report(false, this.#failure ?? 'there is no connection yet');
  }

  async #identify(client: Client): Promise<void> {
    const connection = this.#connection;
    const info = await client.info('server').catch((error: Error) => {
      this.#attemptFailed(error);
      return '';
    });
    const runId = /^run_id:(\w+)/m.exec(info)?.[1];
    if (connection !== this.#connection || this.#closed) return;
    if (runId === undefined) {
      client.disconnect(true);
      return;
    }
    this.#runId = runId;
    this.#suspended = false;
    this.#failure = undefined;
    this.#report(true, 'connected');
  }

  #disconnected(): void {
    this.#connection++;
    if (this.#runId !== undefined && !this.#closed) this.#report(false, 'disconnected');
    this.#runId = undefined;
  }

  #suspend(): void {
    if (this.#suspended || this.#runId === undefined || this.#closed) return;
    this.#suspended = true;
    this.#report(false, 'a command timed out');
    void this.#probe(this.#connection);
  }

  async #probe(connection: number): Promise<void> {
    while (this.#suspended && connection === this.#connection && !this.#closed) {
      await new Promise<void>((resolve) => setTimeout(resolve, probePauseMs).unref());
      // The reply may take long. If the connection is replaced in the meantime, the command fails.
      const reply = await this.#client?.ping().catch(() => undefined);
      if (reply !== 'PONG' || connection !== this.#connection) continue;
      this.#suspended = false;
      this.#report(true, 'it answers again');
    }
  }
}

/** @returns the keys of a write in the order that the scripts expect */
function keysOf(scopes: readonly WriteScope[]): string[] {
  const perResource = scopes.flatMap(({ resource }) => [writesKey(resource), listKey(resource)]);
  const items = scopes.flatMap(({ resource, ids }) => ids.map((id) => itemKey(resource, id)));
  return [epochKey, ...perResource, ...items];
}

/** @returns whether Redis refused a command because its memory (`maxmemory`) is full */
function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('OOM ');
}

/** There is no connection to Redis, or Redis does not answer. */
class RedisUnreachable extends Error {
  override readonly name = 'RedisUnreachable';
}
