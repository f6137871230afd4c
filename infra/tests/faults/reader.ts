/** Clients that read. */
import { Client } from './client.ts';
import type { SeenQuery } from './history/operation.ts';
import { type Remembered, rememberUser } from './recorder.ts';

/** A limit that no list of a run reaches. */
const all = 1000;

const queries: readonly Omit<SeenQuery, 'after'>[] = [
  { limit: all, sort: 'id', q: '' },
  { limit: all, sort: 'id', q: '' },
  { limit: all, sort: '-name', q: '' },
  { limit: all, sort: 'email', q: '' },
  { limit: 5, sort: 'id', q: '' },
  { limit: 5, sort: '-id', q: '' },
  { limit: 5, sort: 'name', q: '' },
  { limit: 5, sort: '-createdAt', q: '' },
  { limit: all, sort: 'id', q: 'amber' },
  { limit: all, sort: 'name', q: 'birch' },
  { limit: 3, sort: 'id', q: 'cedar' },
];

/** Reads users and lists: existing, deleted and not yet created ones, some of them again with If-None-Match. */
export class Reader extends Client {
  readonly #known = new Map<string, Remembered>();

  protected async step(): Promise<void> {
    const target = this.random.weighted({ user: 76, gone: 4, unborn: 4, list: 16 });
    if (target === 'list') await this.readList();
    else if (target === 'gone') await this.readUser(this.keys.pickGone(this.random) ?? this.keys.highest + 1);
    else if (target === 'unborn' || this.keys.isEmpty)
      await this.readUser(this.keys.highest + this.random.integer(1, 2));
    else await this.readUser(this.keys.pick(this.random).id);
  }

  /** Reads one user. */
  async readUser(id: number): Promise<void> {
    const path = `/users/${id}`;
    const known = this.random.chance(0.2) ? this.#known.get(path) : undefined;
    const request = { method: 'GET', path, headers: conditionOf(known) };
    const { user, status } = await this.recorder.user(this.http, this.name, { kind: 'get', id }, request, known);
    if (user) {
      this.keys.saw(user);
      this.#known.set(path, rememberUser(user));
    } else if (status === 404 && id <= this.keys.highest) {
      this.#known.delete(path);
    }
  }

  /** Reads a page of a list, and often the pages after it. */
  async readList(): Promise<void> {
    const query = this.random.pick(queries);
    let cursor: string | undefined;
    let after: number | undefined;
    do {
      const { limit, sort, q } = query;
      const parameters = new URLSearchParams({
        limit: String(limit),
        sort,
        ...(q && { q }),
        ...(cursor && { cursor }),
      });
      const path = `/users?${parameters}`;
      const known = this.random.chance(0.2) ? this.#known.get(path) : undefined;
      const request = { method: 'GET', path, headers: conditionOf(known) };
      const seen = await this.recorder.list(this.http, this.name, { ...query, after }, request, known);
      if (seen === undefined) return;
      this.#known.set(path, seen);
      for (const user of seen.users) this.keys.saw(user);
      cursor = seen.next ?? undefined;
      after = seen.users.at(-1)?.id;
    } while (cursor !== undefined && this.random.chance(0.7));
  }
}

function conditionOf(known: Remembered | undefined): Record<string, string> {
  return known === undefined ? {} : { 'if-none-match': known.etag };
}
