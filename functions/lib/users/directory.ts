/** The user directory as the handlers see it. */
import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
import type { ReadTrace } from '../cache/read-trace.ts';
import type { Representation } from '../cache/representation.ts';
import { type Author, currentAuthor } from '../current-request.ts';
import type { Connection, MaybePromise } from '../database/engine.ts';
import { unwrap } from '../database/unwrap.ts';
import { PreconditionFailed } from '../errors.ts';
import { Collection } from '../resources/collection.ts';
import type { DataAccess } from '../resources/data-access.ts';
import { IdempotencyKeys, type IdempotentAnswer } from '../resources/idempotency.ts';
import type { ListQuery } from '../resources/list-query.ts';
import { type BatchResult, emailKeysOf, runBatch, type UserBatch } from './batch.ts';
import {
  type DeletionResult,
  type DeletionResults,
  type DeletionTarget,
  deleteOne,
  type UserDeletion,
} from './batch-delete.ts';
import { type RestorationResult, restoreOne } from './batch-restore.ts';
import { UserBin } from './bin.ts';
import { UserHistory } from './history.ts';
import { type KeyedUser, type UserRemoval, UserRepository, type UserUpdate } from './repository.ts';
import { userResource } from './resource.ts';
import { restoreState, type StateRestoration } from './restore-state.ts';
import type { DeletedUserPage, User, UserInput, UserPatch } from './types.ts';
import { UserNotFound, UserNotInBin } from './user-errors.ts';
import { etagOf, type Precondition } from './version.ts';

interface CreateRequest {
  readonly input: UserInput;
  readonly key: string | undefined;
  readonly author: Author;
}

interface Queries {
  readonly users: UserRepository;
  readonly bin: UserBin;
  readonly history: UserHistory;
  readonly keys: IdempotencyKeys;
}

/** Reads users through the cache, and writes them so that no cached value outlives the change. */
export class UserDirectory {
  readonly #collection: Collection<Queries>;
  readonly #create: (request: CreateRequest) => Promise<IdempotentAnswer<User>>;
  readonly #update: (change: UserUpdate) => Promise<User>;
  readonly #delete: (removal: UserRemoval) => Promise<void>;

  /**
   * @param binDays how long a deleted user can be restored; 0 for never
   * @param historyDays how long changes are kept; 0 to keep none
   */
  constructor(data: DataAccess, binDays: number, historyDays: number) {
    this.#collection = new Collection(data, userResource, (knex: Knex) => {
      const history = new UserHistory(knex, historyDays);
      const bin = new UserBin(knex, binDays, history);
      const keys = new IdempotencyKeys(knex, userResource);
      return { users: new UserRepository(knex, bin, history), bin, history, keys };
    });
    const none = () => [];
    const itself = ({ id }: UserRemoval) => [id];
    this.#create = this.#collection.bulkWriter(
      none,
      async (connection, queries, requests: readonly CreateRequest[]) => {
        const now = Date.now();
        await tidySometimes(connection, queries, now);
        const keyed = requests.map((request) => ({ ...request, body: [request.input.name, request.input.email], now }));
        return queries.keys.onceEach(connection, keyed, (fresh) =>
          queries.users.insert(connection, fresh, new Date(now).toISOString()),
        );
      },
    );
    this.#update = this.#collection.bulkWriter<UserUpdate, User>(itself, async (connection, queries, updates) => {
      const now = Date.now();
      await tidySometimes(connection, queries, now);
      return queries.users.update(connection, updates, new Date(now).toISOString());
    });
    this.#delete = this.#collection.bulkWriter<UserRemoval, void>(itself, async (connection, queries, removals) => {
      const now = Date.now();
      await tidySometimes(connection, queries, now);
      return queries.users.delete(connection, removals, new Date(now).toISOString());
    });
  }

  /** @returns the user; undefined if there is none with this id */
  read(id: number, trace: ReadTrace): Promise<Representation | undefined> {
    return this.#collection.readItem(id, trace, async (connection, { users }) => {
      const user = await users.find(connection, id);
      return user && { etag: etagOf(user.version), json: JSON.stringify(user) };
    });
  }

  /** @returns one page of the list */
  list(query: ListQuery, trace: ReadTrace): Promise<Representation> {
    return this.#collection.readList(query, trace, async (connection, { users }) => {
      const { page, revision } = await users.list(connection, query);
      return { etag: `"${revision}"`, json: JSON.stringify(page) };
    });
  }

  /** @returns the users that share an e-mail, from before the comparison of today */
  listTwins(trace: ReadTrace): Promise<Representation> {
    return this.#collection.readView('twins', trace, async (connection, { users }) => {
      const { twins, revision } = await users.twins(connection);
      return { etag: `"${revision}"`, json: JSON.stringify({ twins }) };
    });
  }

  /**
   * Creates a user, once for each key.
   * @param key the request's Idempotency-Key
   * @returns the user, and whether an earlier request with the same key has created it
   * @throws {EmailTaken} when another user has the same e-mail
   * @throws {IdempotencyKeyReused} when the key was used with another body
   */
  async create(input: UserInput, key?: string): Promise<{ user: User; replayed: boolean }> {
    const { answer: user, replayed } = await this.#create({ input, key, author: currentAuthor() });
    return { user, replayed };
  }

  /**
   * Creates many users in one transaction, and updates existing ones if the batch asks for that, once for each key. A row that
   * is refused leaves the other rows as they are.
   * @param key the request's Idempotency-Key
   * @returns the result of each row, and whether an earlier request with the same key has written them
   * @throws {IdempotencyKeyReused} when the key was used with another body
   */
  async writeBatch(batch: UserBatch, key?: string): Promise<{ results: BatchResult[]; replayed: boolean }> {
    const { rows, existing, validateOnly } = batch;
    const emailKeys = emailKeysOf(rows);
    const find = (connection: Connection, { users }: Queries) => users.findOwners(connection, emailKeys);
    if (validateOnly) {
      const results = await runBatch(batch, await this.#collection.readDatabase(find), undefined);
      return { results, replayed: false };
    }
    const author = currentAuthor();
    const body = ['batch', existing, rows.map((row) => ('user' in row ? row.user : row.value))];
    const write = async (connection: Connection, { users, keys }: Queries, owners: readonly KeyedUser[]) => {
      const now = Date.now();
      const time = new Date(now).toISOString();
      const work = () =>
        runBatch(batch, owners, {
          create: async (created) => {
            const creations = created.map((input) => ({ input, author }));
            return (await users.insert(connection, creations, time)).map(unwrap);
          },
          update: async (id, patch) =>
            unwrap((await users.update(connection, [{ id, patch, precondition: () => true, author }], time))[0]),
        });
      const { answer: results, replayed } = await keys.once(connection, { key, body, now }, work, hasSuccess);
      return { results, replayed };
    };
    if (existing === 'update') return this.#collection.writeFound(find, write, rows.length);
    const refuse = async (connection: Connection, queries: Queries) =>
      write(connection, queries, await find(connection, queries));
    return this.#write([], refuse, rows.length);
  }

  /**
   * Changes the given fields of a user.
   * @throws {UserNotFound} when there is no user with this id
   * @throws {PreconditionFailed} when the precondition refuses the current version
   * @throws {InvalidRequest} when the rules for names and e-mails refuse a new text
   * @throws {EmailTaken} when another user has the same e-mail
   */
  update(id: number, patch: UserPatch, precondition: Precondition): Promise<User> {
    return this.#update({ id, patch, precondition, author: currentAuthor() });
  }

  /**
   * Deletes a user, who can be restored from the bin for some days.
   * @throws {UserNotFound} when there is no user with this id
   * @throws {PreconditionFailed} when the precondition refuses the current version
   */
  delete(id: number, precondition: Precondition): Promise<void> {
    return this.#delete({ id, precondition, author: currentAuthor() });
  }

  /**
   * Deletes many users in one transaction, once for each key. A user that is refused leaves the others as they are.
   * @param key the request's Idempotency-Key
   * @returns the result of each user, how many more match the search, and whether an earlier request has deleted them
   * @throws {IdempotencyKeyReused} when the key was used with another body
   */
  async deleteBatch(request: UserDeletion, key?: string): Promise<DeletionResults & { replayed: boolean }> {
    const { users: targets, matches } = await this.#targetsOf(request);
    const author = currentAuthor();
    const body = ['batch-delete', 'users' in request ? request.users : request.query.search];
    const ids = targets.map(({ id }) => id);
    const work = async (connection: Connection, { users, keys }: Queries) => {
      const now = Date.now();
      const time = new Date(now).toISOString();
      const deleteAll = async () => {
        const results: DeletionResult[] = [];
        for (const target of targets) results.push(await deleteOne(connection, users, target, author, time));
        const deleted = results.filter(({ status }) => status === 204).length;
        return { results, left: Math.max(0, matches - deleted) };
      };
      const hasDeleted = ({ results }: DeletionResults) => hasSuccess(results);
      const { answer, replayed } = await keys.once(connection, { key, body, now }, deleteAll, hasDeleted);
      return { ...answer, replayed };
    };
    return this.#write(ids, work, targets.length);
  }

  /**
   * Reads one page of the bin. It is never cached, because it is read seldom.
   * @returns the page with the revision of the bin as its entity tag
   */
  async listDeleted(query: ListQuery): Promise<Representation> {
    const hasExpired = await this.#collection.readDatabase((connection, { bin }) =>
      bin.hasExpired(connection, Date.now()),
    );
    if (hasExpired) await this.#collection.write([], (connection, { bin }) => bin.purge(connection, Date.now()));
    return this.#collection.readDatabase(async (connection, { bin }) => {
      const { items: users, revision, ...rest } = await bin.list(connection, query);
      const page: DeletedUserPage = { users, ...rest, days: bin.days };
      return { etag: `"${revision}"`, json: JSON.stringify(page) };
    }, query.search.length > 0);
  }

  /**
   * Restores many deleted users in one transaction, once for each key. They keep their ids and get new versions. A user that
   * is refused leaves the others as they are.
   * @param key the request's Idempotency-Key
   * @throws {IdempotencyKeyReused} when the key was used with another body
   */
  async restore(ids: readonly number[], key?: string): Promise<{ results: RestorationResult[]; replayed: boolean }> {
    const author = currentAuthor();
    const work = async (connection: Connection, queries: Queries) => {
      const now = Date.now();
      const time = new Date(now).toISOString();
      const request = { key, body: ['restore', ids], now };
      const restoreAll = async () => {
        const restored: RestorationResult[] = [];
        for (const id of ids) restored.push(await restoreOne(connection, queries, id, author, time));
        return restored;
      };
      const { answer: results, replayed } = await queries.keys.once(connection, request, restoreAll, hasSuccess);
      return { results, replayed };
    };
    return this.#write(ids, work, ids.length);
  }

  /**
   * Removes a deleted user from the bin, for good.
   * @throws {UserNotInBin} when the bin has no user with this id
   * @throws {PreconditionFailed} when the precondition refuses the version that the bin has
   */
  erase(id: number, precondition: Precondition): Promise<void> {
    const author = currentAuthor();
    return this.#write([], async (connection, { bin, history }) => {
      const deleted = await bin.find(connection, id);
      if (deleted === undefined) throw new UserNotInBin(id);
      if (!precondition(deleted.version)) throw new PreconditionFailed(etagOf(deleted.version));
      await bin.remove(connection, id);
      const change = { userId: id, action: 'purge', before: null, after: null, author } as const;
      await history.record(connection, [change], new Date().toISOString());
    });
  }

  /**
   * Reads one page of the changes of a user, who may be deleted. It is never cached, because it is read seldom.
   * @throws {UserNotFound} when there is neither a change nor a user with this id, also in the bin
   */
  readHistory(id: number, query: ListQuery): Promise<Representation> {
    return this.#collection.readDatabase((connection, { users, bin, history }) =>
      connection.snapshot(async (snapshot) => {
        const page = await history.list(snapshot, id, query, Date.now());
        const isKnown =
          page.changes.length > 0 || (await users.find(snapshot, id)) !== undefined || (await bin.find(snapshot, id));
        if (!isKnown) throw new UserNotFound(id);
        const json = JSON.stringify(page);
        return { etag: `"${createHash('sha256').update(json).digest('base64url')}"`, json };
      }),
    );
  }

  /**
   * Brings back the state that a user had before a change.
   * @returns the user as it is now
   * @throws as `restoreState`
   */
  restoreState(restoration: Omit<StateRestoration, 'author'>): Promise<User> {
    const author = currentAuthor();
    return this.#write([restoration.id], (connection, queries) =>
      restoreState(connection, queries, { ...restoration, author }, Date.now()),
    );
  }

  /** Writes as `Collection.write` does, and removes expired users and changes now and then. */
  #write<T>(
    ids: readonly number[],
    work: (connection: Connection, queries: Queries) => MaybePromise<T>,
    size = 1,
  ): Promise<T> {
    return this.#collection.write(
      ids,
      async (connection, queries) => {
        await tidySometimes(connection, queries, Date.now());
        return work(connection, queries);
      },
      size,
    );
  }

  /** Searches outside of the transaction, which holds the write lock. A user that changes meanwhile has another version. */
  async #targetsOf(request: UserDeletion): Promise<{ users: readonly DeletionTarget[]; matches: number }> {
    if ('users' in request) return { users: request.users, matches: 0 };
    const { page } = await this.#collection.readDatabase(
      (connection, { users }) => users.list(connection, request.query),
      true,
    );
    return { users: page.users, matches: page.total };
  }
}

async function tidySometimes(connection: Connection, { bin, history }: Queries, now: number): Promise<void> {
  await bin.purgeSometimes(connection, now);
  await history.tidySometimes(connection, now);
}

/** @returns whether a request with these results has changed anything */
function hasSuccess(results: readonly { readonly status: number }[]): boolean {
  return results.some(({ status }) => status < 300);
}
