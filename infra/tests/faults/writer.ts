/** Clients that write. */
import type { Operation, SeenUser, Written } from './history/operation.ts';
import { Reader } from './reader.ts';
import type { Intent } from './recorder.ts';

const words = ['amber', 'birch', 'cedar'] as const;

/** How often a create is sent under its Idempotency-Key at most, until a response comes. */
const maxAttempts = 6;

/** Creates, changes and deletes users, and often reads the result right away. */
export class Writer extends Reader {
  #count = 0;

  protected override async step(): Promise<void> {
    if (this.keys.isEmpty || (this.keys.lacks && this.random.chance(0.7))) {
      await this.#create();
      return;
    }
    const { id } = await this.#change(this.keys.pick(this.random));
    if (id !== undefined && this.random.chance(0.3)) await this.readUser(id);
    else if (this.random.chance(0.1)) await this.readList();
  }

  async #create(): Promise<void> {
    const written = this.#compose();
    const how = this.random.weighted({ plain: 45, keyed: 25, twice: 15, reused: 10, taken: 5 });
    if (how === 'plain' || this.keys.isEmpty) {
      await this.#post(written);
    } else if (how === 'taken') {
      await this.#post({ ...written, email: this.keys.pick(this.random).email });
    } else {
      const key = `key-${written.tag}`;
      if (how === 'twice') await Promise.all([this.#post(written, key), this.#post(written, key)]);
      const succeeded = await this.#postUntilKnown(written, key);
      if (how === 'reused' && succeeded) await this.#post(this.#compose(), key);
    }
  }

  async #postUntilKnown(written: Written, key: string): Promise<boolean> {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const { outcome } = await this.#post(written, key);
      if (outcome !== 'unknown') return outcome === 'ok';
    }
    return false;
  }

  #post(written: Written, key?: string): Promise<Operation> {
    const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key };
    return this.#write({ kind: 'create', written, key }, 'POST', '/users', headers, bodyOf(written));
  }

  #change(user: SeenUser): Promise<Operation> {
    const { id } = user;
    const path = `/users/${id}`;
    const headers: Record<string, string> = {};
    let ifMatch: number | undefined;
    if (this.random.chance(0.4)) {
      ifMatch = this.random.chance(0.9) ? user.version : Math.max(1, user.version - 1);
      headers['if-match'] = `"${ifMatch}"`;
    }
    const kind = this.random.weighted({ replace: 45, patch: 48, delete: 7 });
    if (kind === 'delete') return this.#write({ kind, id, ifMatch }, 'DELETE', path, headers);
    const both = this.#compose();
    const written = kind === 'patch' && this.random.chance(0.6) ? { ...both, email: undefined } : both;
    const method = kind === 'patch' ? 'PATCH' : 'PUT';
    return this.#write({ kind, id, ifMatch, written }, method, path, headers, bodyOf(written));
  }

  async #write(intent: Intent, method: string, path: string, headers: Record<string, string>, body?: object) {
    const operation = await this.recorder.user(this.http, this.name, intent, { method, path, headers, body });
    const { user, id, kind, status, outcome } = operation;
    if (user) this.keys.saw(user);
    if (id !== undefined && (status === 404 || (kind === 'delete' && outcome === 'ok'))) this.keys.lost(id);
    return operation;
  }

  #compose(): Written {
    const tag = `${this.name}n${++this.#count}`;
    return { tag, name: `${this.random.pick(words)} ${tag}`, email: `${tag}@example.com` };
  }
}

function bodyOf({ name, email }: Written): object {
  return email === undefined ? { name } : { name, email };
}
