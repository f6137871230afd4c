/** Starts a Sentinel group and a Redis Cluster for one test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './ports.ts';
import { RedisServer } from './redis.ts';
import { until } from './until.ts';

/** How long a server may be silent before the others count it as down. */
const downAfterMs = 1_000;

/** Makes a server a replica, and waits until it has its copy. */
export async function replicate(replica: RedisServer, master: RedisServer): Promise<void> {
  await replica.command('REPLICAOF', '127.0.0.1', String(master.port));
  await isCopied(replica);
}

/** Ends the time of a server as a replica. */
export async function promote(replica: RedisServer): Promise<void> {
  await replica.command('REPLICAOF', 'NO', 'ONE');
}

/** A replica gets its copy at once, instead of after the five seconds in which Redis waits for others. */
export const replicable = ['--repl-diskless-sync-delay', '0'];

/** A master, its replica, and the Sentinels that watch both. */
export class SentinelGroup {
  readonly servers: readonly [RedisServer, RedisServer];
  readonly #sentinels: { readonly port: number; readonly process: ChildProcess }[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), 'cadastro-sentinel-'));

  private constructor(servers: readonly [RedisServer, RedisServer]) {
    this.servers = servers;
  }

  static async start(): Promise<SentinelGroup> {
    const servers = [await RedisServer.start(replicable), await RedisServer.start(replicable)] as const;
    await replicate(servers[1], servers[0]);
    const group = new SentinelGroup(servers);
    for (let index = 0; index < 3; index++) await group.#startSentinel();
    return group;
  }

  get url(): string {
    return `redis-sentinel://${this.#sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/main`;
  }

  async stop(): Promise<void> {
    for (const { process } of this.#sentinels) process.kill('SIGKILL');
    for (const server of this.servers) await server.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #startSentinel(): Promise<void> {
    const port = await freePort();
    const file = join(this.#folder, `${port}.conf`);
    const settings = [
      ...[`port ${port}`, 'bind 127.0.0.1', `dir ${this.#folder}`],
      `sentinel monitor main 127.0.0.1 ${this.servers[0].port} 2`,
      ...[`sentinel down-after-milliseconds main ${downAfterMs}`, 'sentinel failover-timeout main 5000'],
    ];
    writeFileSync(file, settings.join('\n'));
    const child = spawn('redis-server', [file, '--sentinel'], { stdio: ['ignore', 'pipe', 'ignore'] });
    process.once('exit', () => child.kill('SIGKILL'));
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) if (/\+monitor/.test(String(chunk))) break;
    this.#sentinels.push({ port, process: child });
  }
}

/** Three masters that share the slots, and a replica of the one that holds the cache. */
export class RedisCluster {
  readonly masters: readonly RedisServer[];
  readonly replica: RedisServer;

  private constructor(masters: readonly RedisServer[], replica: RedisServer) {
    this.masters = masters;
    this.replica = replica;
  }

  /** @param key of the slot whose master gets the replica; it is the first of `masters` */
  static async start(key: string): Promise<RedisCluster> {
    const nodes: RedisServer[] = [];
    const busPorts: number[] = [];
    for (let index = 0; index < 4; index++) {
      const busPort = await freePort();
      busPorts.push(busPort);
      const options = ['--cluster-enabled', 'yes', '--cluster-port', String(busPort), ...replicable];
      nodes.push(await RedisServer.start([...options, '--cluster-node-timeout', String(downAfterMs)]));
    }
    const [first, second, third, replica] = nodes as [RedisServer, RedisServer, RedisServer, RedisServer];
    const slot = Number((await first.command('CLUSTER', 'KEYSLOT', key)).slice(1));
    const others = Array.from({ length: 16_384 }, (_, index) => String(index)).filter((one) => one !== String(slot));
    await first.command('CLUSTER', 'ADDSLOTS', String(slot), ...others.slice(0, 5_000));
    await second.command('CLUSTER', 'ADDSLOTS', ...others.slice(5_000, 10_000));
    await third.command('CLUSTER', 'ADDSLOTS', ...others.slice(10_000));
    for (const [index, node] of nodes.entries()) {
      if (index > 0) await first.command('CLUSTER', 'MEET', '127.0.0.1', String(node.port), String(busPorts[index]));
    }
    const id = /[0-9a-f]{40}/.exec(await first.command('CLUSTER', 'MYID'))?.[0] as string;
    await until('the replica follows', async () => /OK/.test(await replica.command('CLUSTER', 'REPLICATE', id)));
    await isCopied(replica);
    for (const node of nodes) {
      await until('the cluster is complete', async () =>
        /cluster_state:ok.*cluster_known_nodes:4/s.test(await node.command('CLUSTER', 'INFO')),
      );
    }
    return new RedisCluster([first, second, third], replica);
  }

  get url(): string {
    return `redis-cluster://${[...this.masters, this.replica].map(({ port }) => `127.0.0.1:${port}`).join(',')}`;
  }

  async stop(): Promise<void> {
    for (const node of [...this.masters, this.replica]) await node.stop();
  }
}

function isCopied(replica: RedisServer): Promise<boolean> {
  return until('the replica has its copy', async () =>
    /master_link_status:up/.test(await replica.command('INFO', 'replication')),
  );
}
