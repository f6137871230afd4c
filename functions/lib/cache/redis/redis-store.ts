/**
 * The cache in Redis.
 *
 * A request never waits for Redis longer than `patience`: commands fail at once when there is no connection, and after
 * one that timed out Redis is left alone until it answers a PING.
 */
import type { Redis } from 'ioredis';
import { scripts } from '#lib/cache/redis/scripts.ts';
import {
  abandonedAfter,
  epochKey,
  leaseLifetime,
  listKey,
  listLifetime,
  maxPages,
  type Place,
  userKey,
  userLifetime,
  writesKey,
} from '../places.ts';
import type { CacheStore } from '../store.ts';
import { Patience } from './command-timeouts.ts';
import { ReadBatch } from './read-batch.ts';

/** Milliseconds that a command may take. */
const patience = 130;
/** How often a new process looks whether it is connected before it goes on without, and the milliseconds between. */
const connectChecks = 30;
const connectInterval = 5;
/** Milliseconds between two attempts to reach a Redis that does not answer. */
const probeInterval = 100;
/** Milliseconds without a sign of life after which a connection is replaced, since it may lead nowhere. */
const silence = 2_000;
/** Keys looked at by one SCAN. */
const scanCount = 1000;

type Script<Arguments extends unknown[], Reply> = (...args: Arguments) => Promise<Reply>;

/** The commands that ioredis makes of the scripts. */
interface ScriptCommands {
  leaseUser: Script<(string | number)[], string>;
  leasePage: Script<(string | number)[], string>;
  fillUser: Script<(string | number)[], number>;
  fillPage: Script<(string | number)[], number>;
  releaseUser: Script<string[], number>;
  releasePage: Script<string[], number>;
  beginWrite: Script<[keys: number, ...string[]], number>;
  finishWrite: Script<[keys: number, ...string[]], number>;
  clearClaimed: Script<[keys: number, ...string[]], number>;
  openClaimed: Script<string[], number>;
}

type Client = Redis & ScriptCommands;

export interface RedisStoreOptions {
  readonly url: string;
  /** Told when Redis stops answering and when it answers again. */
  readonly onChange?: (reachable: boolean, reason: string) => void;
}

export class RedisStore implements CacheStore {
  readonly #url: string;
  readonly #onChange: (reachable: boolean, reason: string) => void;
  #client: Client | undefined;
  #connecting: Promise<void> | undefined;
  /** The run id at the end of the current connection, once it has told it. */
  #runId: string | undefined;
  /** Counts connections, so that the answer of an old one is not taken for the new one's. */
  #connection = 0;
  /** As it was told last; a Redis that is there from the beginning is nothing to tell. */
  #reachable = true;
  #suspended = false;
  #corked = false;
  readonly #users = new ReadBatch();
  readonly #pages = new ReadBatch();
  #closed = false;
  readonly #patience = new Patience(patience, () => this.#suspend());

  constructor({ url, onChange = () => {} }: RedisStoreOptions) {
    this.#url = url;
    this.#onChange = onChange;
  }

  get instance(): string | undefined {
    return this.#suspended ? undefined : this.#runId;
  }

  ready(): Promise<void> {
    this.#connecting ??= this.#connect().catch(() => this.#tell(false, 'the client could not be loaded'));
    return this.#connecting;
  }

  /** Reads of one turn share a command, which leaves at its end: it sees all that any of them has to see. */
  get(place: Place): Promise<string | null> {
    this.#usable();
    return 'id' in place ? this.#users.add(userKey(place.id)) : this.#pages.add(place.page);
  }

  lease(place: Place, epoch: string, token: string): Promise<string> {
    const client = this.#usable();
    const common = [epochKey, writesKey, token, epoch, leaseLifetime, abandonedAfter];
    return this.#patience.wait(
      'id' in place
        ? client.leaseUser(userKey(place.id), ...common)
        : client.leasePage(listKey, ...common, place.page, listLifetime, maxPages),
    );
  }

  fill(place: Place, epoch: string, token: string, value: string): Promise<number> {
    const client = this.#usable();
    return this.#patience.wait(
      'id' in place
        ? client.fillUser(userKey(place.id), epochKey, token, epoch, value, userLifetime)
        : client.fillPage(listKey, epochKey, token, epoch, place.page, value),
    );
  }

  release(place: Place, token: string): Promise<number> {
    const client = this.#usable();
    return this.#patience.wait(
      'id' in place ? client.releaseUser(userKey(place.id), token) : client.releasePage(listKey, token, place.page),
    );
  }

  async begin(epoch: string, write: string, ids: readonly number[]): Promise<boolean> {
    const keys = [epochKey, writesKey, listKey, ...ids.map(userKey)];
    return (await this.#patience.wait(this.#usable().beginWrite(keys.length, ...keys, epoch, write))) === 1;
  }

  async finish(epoch: string, write: string, ids: readonly number[]): Promise<boolean> {
    const keys = [epochKey, writesKey, listKey, ...ids.map(userKey)];
    return (await this.#patience.wait(this.#usable().finishWrite(keys.length, ...keys, epoch, write))) === 1;
  }

  claim(token: string): Promise<unknown> {
    return this.#patience.wait(this.#usable().set(epochKey, `~claim:${token}`));
  }

  async clear(token: string): Promise<boolean> {
    const remove = (keys: string[]) =>
      this.#patience.wait(this.#usable().clearClaimed(keys.length + 1, epochKey, ...keys, token));
    if ((await remove([listKey, writesKey])) !== 1) return false;
    let cursor = '0';
    do {
      const scan = this.#usable().scan(cursor, 'MATCH', userKey('[0-9]*'), 'COUNT', scanCount);
      const [next, keys] = await this.#patience.wait(scan);
      if (keys.length > 0 && (await remove(keys)) !== 1) return false;
      cursor = next;
    } while (cursor !== '0');
    return true;
  }

  async open(token: string, epoch: string): Promise<boolean> {
    return (await this.#patience.wait(this.#usable().openClaimed(epochKey, token, epoch))) === 1;
  }

  close(): void {
    this.#closed = true;
    this.#client?.disconnect();
  }

  #usable(): Client {
    if (this.#client === undefined || this.instance === undefined) throw new RedisUnreachable();
    if (!this.#corked) this.#cork(this.#client);
    return this.#client;
  }

  /** The commands of one tick go out in one write, which takes a third of the time of a write for each. */
  #cork(client: Client): void {
    const { stream } = client;
    this.#corked = true;
    stream.cork();
    process.nextTick(() => {
      this.#users.send((keys) => this.#patience.wait(client.mget(keys)));
      this.#pages.send((pages) => this.#patience.wait(client.hmget(listKey, ...pages)));
      this.#corked = false;
      stream.uncork();
    });
  }

  #tell(reachable: boolean, reason: string): void {
    if (reachable !== this.#reachable) this.#onChange(reachable, reason);
    this.#reachable = reachable;
  }

  /** The client is loaded only where there is a Redis: it takes as long to load as the rest of a function together. */
  async #connect(): Promise<void> {
    const { Redis } = await import('ioredis');
    const client = new Redis(this.#url, {
      scripts,
      protocol: 2,
      disableClientInfo: true,
      connectTimeout: 1000,
      socketTimeout: silence,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      // A command that was under way belongs to the old connection, whose instance was checked.
      autoResendUnfulfilledCommands: false,
      retryStrategy: (attempt) => Math.min(20 * 2 ** attempt, 500) * (0.5 + Math.random() / 2),
    }) as Client;
    this.#client = client;
    // Without a listener, ioredis prints each failed attempt.
    client.on('error', () => {});
    client.on('close', () => this.#disconnected());
    client.on('ready', () => this.#identify(client));
    // Looks are counted, not time: a process that is busy starting must not give up on a Redis that answers.
    for (let check = 0; check < connectChecks && this.#runId === undefined; check++) {
      await new Promise<void>((resolve) => setTimeout(resolve, connectInterval).unref());
    }
    if (this.#runId === undefined) this.#tell(false, 'there is no connection yet');
  }

  async #identify(client: Client): Promise<void> {
    const connection = this.#connection;
    const info = await client.info('server').catch(() => '');
    const runId = /^run_id:(\w+)/m.exec(info)?.[1];
    if (connection !== this.#connection || this.#closed) return;
    if (runId === undefined) {
      client.disconnect(true);
      return;
    }
    this.#runId = runId;
    this.#suspended = false;
    this.#tell(true, 'connected');
  }

  #disconnected(): void {
    this.#connection++;
    if (this.#runId !== undefined && !this.#closed) this.#tell(false, 'disconnected');
    this.#runId = undefined;
  }

  /** From now on nobody waits for Redis until it answers again. */
  #suspend(): void {
    if (this.#suspended || this.#runId === undefined || this.#closed) return;
    this.#suspended = true;
    this.#tell(false, 'it timed out');
    void this.#probe(this.#connection);
  }

  async #probe(connection: number): Promise<void> {
    while (this.#suspended && connection === this.#connection && !this.#closed) {
      await new Promise<void>((resolve) => setTimeout(resolve, probeInterval).unref());
      // Its answer may come late; a connection that is replaced ends the wait.
      const answer = await this.#client?.ping().catch(() => undefined);
      if (answer !== 'PONG' || connection !== this.#connection) continue;
      this.#suspended = false;
      this.#tell(true, 'it answers again');
    }
  }
}

/** There is no connection to Redis, or it does not answer. */
class RedisUnreachable extends Error {
  override readonly name = 'RedisUnreachable';
}
