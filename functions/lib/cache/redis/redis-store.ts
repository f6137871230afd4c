/** The cache in Redis: the operations of the protocol as commands and scripts. */
import type { Resource } from '../../database/resources.ts';
import type { WriteScope } from '../../database/write-queue.ts';
import { type CacheFault, type CacheStore, leaseReply } from '../cache-store.ts';
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
import { ReadBatch } from './read-batch.ts';
import type { RedisEngine } from './redis-address.ts';
import { RedisConnection, type RedisConnectionOptions } from './redis-connection.ts';

/** How many keys one SCAN looks at. */
const scanCount = 1000;

export interface RedisStoreOptions extends RedisConnectionOptions {
  /** How many bytes the values of one list have before it is emptied; 16 MiB if left out. */
  readonly maxListBytes?: number;
}

/** Implements the protocol with Lua scripts on one connection. */
export class RedisStore implements CacheStore {
  readonly engine: RedisEngine;
  readonly #maxListBytes: number;
  readonly #connection: RedisConnection;
  readonly #reads: ReadBatch;

  constructor({ maxListBytes = defaultMaxListBytes, ...options }: RedisStoreOptions) {
    this.engine = options.address.engine;
    this.#maxListBytes = maxListBytes;
    this.#connection = new RedisConnection(options);
    this.#reads = new ReadBatch(async ([items, ...lists]) => {
      const [[epoch = null, ...found] = [], ...pages] = await this.#connection.read((client) => [
        client.mget([epochKey, ...(items?.names ?? [])]),
        ...lists.map(({ hash = '', names }) => client.hmget(hash, ...names)),
      ]);
      return { epoch, values: [found, ...pages] };
    });
  }

  get instance(): string | undefined {
    return this.#connection.instance;
  }

  get fault(): CacheFault | undefined {
    return this.#connection.fault;
  }

  ready(): Promise<void> {
    return this.#connection.ready();
  }

  /** Data of an earlier epoch can come back in the same process: SWAPDB exchanges them, and DEBUG RELOAD reads an old file. */
  async get(key: CacheKey, epoch: string): Promise<string | null> {
    this.#connection.usableClient();
    const found = await this.#reads.get(key);
    return found.epoch === epoch ? found.value : leaseReply.lost;
  }

  async lease(key: CacheKey, epoch: string, token: string): Promise<string> {
    const common = [epochKey, writesKey(key.resource), token, epoch, leaseTtlMs, abandonedAfterMs];
    try {
      const [reply] = await this.#connection.read((client) => [
        'id' in key
          ? client.leaseItem(itemKey(key.resource, key.id), ...common)
          : client.leaseList(listKey(key.resource), ...common, key.query, listTtlMs, maxListQueries),
      ]);
      return reply as string;
    } catch (error) {
      if (isOutOfMemory(error)) return leaseReply.full;
      throw error;
    }
  }

  async fill(key: CacheKey, epoch: string, token: string, value: string): Promise<number> {
    return this.#connection.run((client) =>
      'id' in key
        ? client.fillItem(itemKey(key.resource, key.id), epochKey, token, epoch, value, itemTtlMs)
        : client.fillList(
            ...[listKey(key.resource), epochKey, token, epoch, key.query, value, listTtlMs, this.#maxListBytes],
          ),
    );
  }

  async release(key: CacheKey, token: string): Promise<number> {
    return this.#connection.run((client) =>
      'id' in key
        ? client.releaseItem(itemKey(key.resource, key.id), token)
        : client.releaseList(listKey(key.resource), token, key.query),
    );
  }

  async begin(epoch: string, write: string, scopes: readonly WriteScope[]): Promise<boolean> {
    const keys = keysOf(scopes);
    const send = this.#connection.run((client) => client.beginWrite(keys.length, ...keys, epoch, write, scopes.length));
    return (await send) === 1;
  }

  async finish(epoch: string, write: string, scopes: readonly WriteScope[]): Promise<boolean> {
    const keys = keysOf(scopes);
    const send = this.#connection.run((client) =>
      client.finishWrite(keys.length, ...keys, epoch, write, scopes.length),
    );
    return (await send) === 1;
  }

  async claim(token: string): Promise<unknown> {
    return this.#connection.run((client) => client.claimEpoch(epochKey, token));
  }

  async clear(token: string, resources: readonly Resource[]): Promise<boolean> {
    for (const resource of resources) {
      if (!(await this.#removeClaimed(token, [listKey(resource), writesKey(resource)]))) return false;
      let cursor = '0';
      do {
        const found = await this.#scan(cursor, itemKey(resource, '[0-9]*'));
        if (found.keys.length > 0 && !(await this.#removeClaimed(token, found.keys))) return false;
        cursor = found.cursor;
      } while (cursor !== '0');
    }
    return true;
  }

  async open(token: string, epoch: string): Promise<boolean> {
    return (await this.#connection.run((client) => client.openClaimed(epochKey, token, epoch))) === 1;
  }

  close(): void {
    this.#connection.close();
  }

  /** SCAN is the one command whose names of keys ioredis passes on without a prefix, and returns with it. */
  async #scan(cursor: string, pattern: string): Promise<{ cursor: string; keys: string[] }> {
    const { keyPrefix } = this.#connection;
    const [next, keys] = await this.#connection.run((client) =>
      client.scan(cursor, 'MATCH', keyPrefix + pattern, 'COUNT', scanCount),
    );
    return { cursor: next, keys: keys.map((key) => key.slice(keyPrefix.length)) };
  }

  async #removeClaimed(token: string, keys: readonly string[]): Promise<boolean> {
    const send = this.#connection.run((client) => client.clearClaimed(keys.length + 1, epochKey, ...keys, token));
    return (await send) === 1;
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
