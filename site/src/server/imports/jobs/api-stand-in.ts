/** An HTTP server for tests that answers as the API does for batches, and fails where a test says so. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { BatchResult } from './batch-requests.ts';

/** A user of the stand-in. */
export interface StandInUser {
  id: number;
  name: string;
  email: string;
  version: number;
}

/** How the answer to one request that writes fails: before the work, or after it, when the connection breaks or hangs. */
export type Failure = { status: number; retryAfter?: number } | 'lost-answer' | 'never-answer' | undefined;

interface Batch {
  users: { name: string; email: string; id: number; version: number }[];
  existing?: string;
  validateOnly?: boolean;
}

/** Keeps users in memory. The address refused@example.com is not valid for a new user, and neither is one without an @. */
export class ApiStandIn {
  readonly users = new Map<string, StandInUser>();
  /** The failures of the next requests that write; undefined for one that succeeds. */
  readonly failures: Failure[] = [];
  /** Called after each batch that was written, with its number from 1. */
  onBatch: (number: number) => unknown = () => {};
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  readonly #kept = new Map<string, BatchResult[]>();
  #batches = 0;
  #lastId = 0;

  static async start(): Promise<ApiStandIn> {
    const api = new ApiStandIn();
    await new Promise<void>((resolve) => api.#server.listen(0, '127.0.0.1', resolve));
    return api;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  add(name: string, email: string): StandInUser {
    const user = { id: ++this.#lastId, name, email, version: 1 };
    this.users.set(email.toLowerCase(), user);
    return user;
  }

  change(id: number, name: string): void {
    const user = this.#byId(id);
    if (user) Object.assign(user, { name, version: user.version + 1 });
  }

  /** Puts the users of a backup into the place of all others, in a new database. */
  restoreBackup(users: readonly StandInUser[]): void {
    this.users.clear();
    for (const user of users) this.users.set(user.email, { ...user });
    this.#lastId = Math.max(0, ...users.map(({ id }) => id));
  }

  /** Forgets the answers by Idempotency-Key, as the API does after a day. */
  forget(): void {
    this.#kept.clear();
  }

  #byId(id: number): StandInUser | undefined {
    return [...this.users.values()].find((user) => user.id === id);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '' } = request;
    const body = await text(request);
    const send = (status: number, answer: unknown, headers = {}) =>
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(answer));
    const id = Number(/^\/users\/(\d+)$/.exec(url)?.[1]);
    const user = this.#byId(id);
    if (method === 'GET') return void (user ? send(200, user) : send(404, {}));
    if (method === 'PUT') {
      if (!user) return void send(404, {});
      if (request.headers['if-match'] !== `"${user.version}"`) return void send(412, {});
      this.change(id, JSON.parse(body).name);
      return void send(200, user);
    }
    const batch: Batch = JSON.parse(body);
    if (batch.validateOnly) return void send(200, { results: batch.users.map((row) => this.#row(row, batch)) });
    const failure = this.failures.shift();
    if (typeof failure === 'object') {
      const retryAfter = failure.retryAfter === undefined ? {} : { 'retry-after': String(failure.retryAfter) };
      return void send(failure.status, {}, retryAfter);
    }
    const key = request.headers['idempotency-key']?.toString();
    const kept = key && this.#kept.get(key);
    const results =
      kept || batch.users.map((row) => (url === '/users/batch' ? this.#row(row, batch) : this.#remove(row)));
    if (key) this.#kept.set(key, results);
    this.onBatch(++this.#batches);
    if (failure === 'lost-answer') request.socket.destroy();
    else if (failure !== 'never-answer') send(200, { results }, kept ? { 'idempotency-replayed': 'true' } : {});
  }

  #row({ name, email }: { name: string; email: string }, { existing, validateOnly }: Batch): BatchResult {
    const owner = this.users.get(email.toLowerCase());
    if (!owner) {
      if (email === 'refused@example.com' || !email.includes('@')) {
        return { status: 400, errors: [{ field: 'email', message: 'is refused' }] };
      }
      if (validateOnly) return { status: 201 };
      const { id, version } = this.add(name, email);
      return { status: 201, id, version };
    }
    if (existing !== 'update') return { status: 409, id: owner.id };
    if (owner.name === name && owner.email === email) return { status: 200, id: owner.id, version: owner.version };
    const previous = { name: owner.name, email: owner.email };
    if (!validateOnly) Object.assign(owner, { name, email, version: owner.version + 1 });
    return { status: 200, id: owner.id, version: owner.version, previous };
  }

  #remove({ id, version, email }: { id: number; version: number; email: string }): BatchResult {
    const user = this.#byId(id);
    if (!user) return { status: 404 };
    if (user.version !== version || user.email !== email) return { status: 412 };
    this.users.delete(user.email.toLowerCase());
    return { status: 204 };
  }
}
