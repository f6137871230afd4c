/** A TCP proxy that imitates a faulty network: it delays data, cuts connections, and refuses new ones. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export type Direction = 'requests' | 'replies';

/** Passes the held chunks on. */
export type Release = () => void;

interface Hold {
  readonly direction: Direction;
  /** Tells whether to hold a chunk; undefined holds every chunk of every connection. */
  matches: ((chunk: Buffer) => boolean) | undefined;
  readonly onCaught: () => void;
}

export class FaultProxy {
  /** How many chunks a hold has caught since the start. */
  heldChunks = 0;
  readonly #server: Server;
  #targetPort: number;
  readonly #links = new Set<Link>();
  readonly #holds = new Set<Hold>();
  #refusing = false;

  private constructor(targetPort: number) {
    this.#targetPort = targetPort;
    this.#server = createServer((client) => this.#accept(client));
  }

  static async start(targetPort: number): Promise<FaultProxy> {
    const proxy = new FaultProxy(targetPort);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.#links.size;
  }

  /** Holds all data in one direction, on present and later connections. */
  holdAll(direction: Direction): Release {
    return this.#hold({ direction, matches: undefined, onCaught: () => {} });
  }

  /**
   * Holds the next chunk that matches, and the chunks after it on the same connection. Other connections go on.
   * @returns `release` passes the chunks on; `caught` resolves when a chunk is held
   */
  holdNext(direction: Direction, matches: (chunk: Buffer) => boolean = () => true) {
    const { promise: caught, resolve } = Promise.withResolvers<void>();
    return { release: this.#hold({ direction, matches, onCaught: resolve }), caught };
  }

  /** Closes every connection. Held data is lost. */
  cut(): void {
    for (const link of this.#links) link.destroy();
  }

  /**
   * Closes every connection for its client alone. Held requests still reach the server after their release, when the
   * client has given up on them long ago.
   */
  cutClients(): void {
    for (const link of this.#links) link.abandon();
  }

  /** Sends new connections to another server. */
  moveTo(port: number): void {
    this.#targetPort = port;
  }

  /** Refuses new connections until a call with `false`. */
  refuse(refusing: boolean): void {
    this.#refusing = refusing;
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.cut();
    await closed;
  }

  #accept(client: Socket): void {
    if (this.#refusing) {
      client.resetAndDestroy();
      return;
    }
    const link = new Link(client, connect(this.#targetPort, '127.0.0.1'), {
      hold: (direction, chunk) => this.#holdFor(direction, chunk),
      closed: () => this.#links.delete(link),
    });
    this.#links.add(link);
  }

  #hold(hold: Hold): Release {
    this.#holds.add(hold);
    return () => {
      this.#holds.delete(hold);
      for (const link of this.#links) link.release(hold);
    };
  }

  #holdFor(direction: Direction, chunk: Buffer): Hold | undefined {
    for (const hold of this.#holds) {
      if (hold.direction !== direction || hold.matches?.(chunk) === false) continue;
      // A hold for one chunk has caught it.
      if (hold.matches) hold.matches = () => false;
      this.heldChunks++;
      hold.onCaught();
      return hold;
    }
    return undefined;
  }
}

interface LinkEvents {
  hold(direction: Direction, chunk: Buffer): Hold | undefined;
  closed(): void;
}

/** The connection of one client, and the proxy's own connection to the server for it. */
class Link {
  readonly #sockets: readonly [client: Socket, server: Socket];
  readonly #events: LinkEvents;
  readonly #held = { requests: [] as { chunk: Buffer; by: Hold }[], replies: [] as { chunk: Buffer; by: Hold }[] };
  #abandoned = false;

  constructor(client: Socket, server: Socket, events: LinkEvents) {
    this.#sockets = [client, server];
    this.#events = events;
    for (const socket of this.#sockets) socket.setNoDelay(true).on('error', () => {});
    client.on('data', (chunk: Buffer) => this.#pass('requests', chunk, server));
    server.on('data', (chunk: Buffer) => this.#pass('replies', chunk, client));
    client.on('close', () => this.#abandoned || this.destroy());
    server.on('close', () => this.destroy());
  }

  release(hold: Hold): void {
    for (const direction of ['requests', 'replies'] as const) {
      const held = this.#held[direction];
      const first = held[0];
      if (first?.by !== hold) continue;
      this.#held[direction] = [];
      const [client, server] = this.#sockets;
      for (const { chunk } of held) this.#pass(direction, chunk, direction === 'requests' ? server : client);
    }
    if (this.#abandoned && this.#held.requests.length === 0) this.#sockets[1].end();
  }

  /** Closes the client's connection. The one to the server closes only when the held requests have been sent. */
  abandon(): void {
    if (this.#held.requests.length === 0) {
      this.destroy();
    } else {
      this.#abandoned = true;
      this.#sockets[0].resetAndDestroy();
    }
  }

  destroy(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#events.closed();
  }

  #pass(direction: Direction, chunk: Buffer, to: Socket): void {
    const held = this.#held[direction];
    // Later chunks wait behind a held one, because a connection keeps the order of its data.
    const by = held[0]?.by ?? this.#events.hold(direction, chunk);
    if (by) held.push({ chunk, by });
    else if (!to.destroyed) to.write(chunk);
  }
}
