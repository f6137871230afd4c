/**
 * Finds the master of a Sentinel group or of a cluster, for each connection anew. The client then holds one plain connection to
 * that master: the cache protocol needs one server that runs its commands in order.
 */
import type { Socket } from 'node:net';
import { connect as connectPlain } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ioredis } from './load-redis.ts';
import type { RedisAddress, Server } from './redis-address.ts';

/** The hash tag of all keys in a cluster, so that they share a slot: one script uses keys of several resources. */
export const clusterKeyPrefix = '{cadastro}';

/** How long one server has to accept the connection, and to answer the question for the master. */
const questionTimeoutMs = 1_000;
/** The pause after no server could name the master. */
const retryPauseMs = 500;

type Client = InstanceType<typeof ioredis.Redis>;

/** The reply to CLUSTER SLOTS: the first and the last slot, then the master and its replicas. */
type SlotRange = [first: number, last: number, master: [host: string | null, port: number, ...unknown[]], ...unknown[]];

/**
 * Makes the option `Connector` of ioredis.
 * @param library ioredis
 */
export function masterConnector(library: typeof ioredis, address: RedisAddress) {
  let next = 0;

  /** Asks every server, at each call another one first, because one of them may be cut off and know an old master. */
  async function find(): Promise<Server | Error> {
    const failures: string[] = [];
    const { servers } = address;
    next++;
    for (let index = 0; index < servers.length; index++) {
      const server = servers[(next + index) % servers.length] as Server;
      try {
        return await ask(library, address, server);
      } catch (error) {
        failures.push(`${server.host}:${server.port}: ${(error as Error).message}`);
      }
    }
    return new Error(`no server names the master (${failures.sort().join('; ')})`);
  }

  return class MasterConnector extends library.AbstractConnector {
    /** @param options of the client */
    constructor(options: unknown) {
      super((options as { disconnectTimeout: number }).disconnectTimeout);
    }

    /** @returns a socket that connects to the master; rejects only after `disconnect` */
    async connect(emit: (event: string, error: Error) => void): Promise<Socket> {
      this.connecting = true;
      for (;;) {
        const master = await find();
        if (!this.connecting) throw new Error('the client was closed');
        if (!(master instanceof Error)) {
          this.stream = address.tls ? connectTls({ ...master, ...address.tls }) : connectPlain(master);
          this.stream.once('error', (error) => {
            this.firstError = error;
          });
          return this.stream as Socket;
        }
        emit('error', master);
        await new Promise<void>((resolve) => setTimeout(resolve, retryPauseMs).unref());
        if (!this.connecting) throw new Error('the client was closed');
      }
    }
  };
}

/** Asks one server for the master. @throws Error when the server does not answer, or does not know a master */
async function ask({ Redis }: typeof ioredis, address: RedisAddress, server: Server): Promise<Server> {
  const { engine, username, password, sentinelPassword, tls } = address;
  const isSentinel = engine === 'redis-sentinel';
  const client = new Redis({
    ...server,
    ...(isSentinel ? { password: sentinelPassword } : { username, password }),
    tls,
    protocol: 2,
    disableClientInfo: true,
    enableReadyCheck: false,
    connectTimeout: questionTimeoutMs,
    commandTimeout: questionTimeoutMs,
    retryStrategy: null,
  });
  let cause: Error | undefined;
  client.on('error', (error) => {
    cause = error;
  });
  try {
    return await (isSentinel ? askSentinel(client, address.masterName) : askCluster(client, server));
  } catch (error) {
    throw cause ?? error;
  } finally {
    client.disconnect();
  }
}

async function askSentinel(client: Client, masterName: string): Promise<Server> {
  const reply = (await client.call('SENTINEL', 'get-master-addr-by-name', masterName)) as [string, string] | null;
  if (reply === null) throw new Error(`this Sentinel watches no master "${masterName}"`);
  return { host: reply[0], port: Number(reply[1]) };
}

async function askCluster(client: Client, server: Server): Promise<Server> {
  const [slot, ranges] = (await Promise.all([
    client.call('CLUSTER', 'KEYSLOT', clusterKeyPrefix),
    client.call('CLUSTER', 'SLOTS'),
  ])) as [number, SlotRange[]];
  const [host, port] = ranges.find(([first, last]) => first <= slot && slot <= last)?.[2] ?? [];
  if (port === undefined) throw new Error(`no node serves the slot ${slot} of ${clusterKeyPrefix}`);
  // A node that does not know its own address leaves the host out: it is the one that was asked.
  return { host: host || server.host, port };
}
