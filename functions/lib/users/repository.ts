/** The users in the database. Each method is one piece of work on a connection. */
import type { Knex } from 'knex';
import type { Author } from '../current-request.ts';
import type { Connection, MaybePromise, Row, WriteResult } from '../database/engine.ts';
import { expressionsOf } from '../database/expressions.ts';
import { insertRows, PreparedQuery, placeholders, updateRows } from '../database/prepared-query.ts';
import { readSummary, recordChange } from '../database/resources.ts';
import { HttpError, PreconditionFailed } from '../errors.ts';
import type { ListQuery } from '../resources/list-query.ts';
import { ListReader } from '../resources/list-reader.ts';
import { acceptChange } from './accept.ts';
import type { UserBin } from './bin.ts';
import { emailKey } from './email.ts';
import type { NewChange, UserHistory } from './history.ts';
import { userKeys } from './keys.ts';
import { userColumns as columns, userResource, userSortColumns } from './resource.ts';
import type { DeletedUser, User, UserInput, UserPage, UserPatch, UserState, UserTwins } from './types.ts';
import { EmailTaken, UserNotFound } from './user-errors.ts';
import { etagOf, type Precondition } from './version.ts';

type UserRow = Row & User;

/** A user with the comparable form of its e-mail. */
export type KeyedUser = UserRow & { readonly emailKey: string };

/** A user to create. */
export interface UserCreation {
  readonly input: UserInput;
  readonly author: Author;
}

/** The deletion of a user, if the precondition takes its current version. */
export interface UserRemoval {
  readonly id: number;
  readonly precondition: Precondition;
  readonly author: Author;
}

/** A change of a user, if the precondition takes its current version. */
export interface UserUpdate extends UserRemoval {
  readonly patch: UserPatch;
  /** Whether the texts are those of an earlier state, which the rules for new texts of today may refuse. */
  readonly restores?: boolean;
}

type InsertedRow = { readonly id: number; readonly email_key: string };

/** How many users the list of twins shows at most. */
const maxTwins = 1_000;

/**
 * Reads and writes users. Methods that write must be called inside a write transaction, so that what they read stays true
 * until the commit.
 */
export class UserRepository {
  readonly #list: ListReader<UserRow>;
  readonly #find: PreparedQuery;
  readonly #findEach: PreparedQuery;
  readonly #findOwners: PreparedQuery;
  readonly #findOwner: PreparedQuery;
  readonly #twins: Knex.QueryBuilder;
  readonly #findTaken: PreparedQuery;
  readonly #insert: PreparedQuery;
  readonly #update: PreparedQuery;
  readonly #delete: PreparedQuery;
  readonly #restore: PreparedQuery;
  readonly #bin: UserBin;
  readonly #history: UserHistory;

  /**
   * @param bin gets the users that are deleted
   * @param history gets every change
   */
  constructor(knex: Knex, bin: UserBin, history: UserHistory) {
    this.#bin = bin;
    this.#history = history;
    const id = placeholders('id');
    const input = placeholders('name', 'email', 'name_key', 'email_key', 'search_text', 'updated_at', 'version');
    const table = {
      resource: userResource,
      columns,
      sortColumns: userSortColumns,
      searchColumn: 'search_text',
      beginColumn: 'name_key',
    };
    this.#list = new ListReader(knex, table);
    this.#find = new PreparedQuery(knex('users').select(columns).where(id));
    const { isOneOf } = expressionsOf(knex);
    this.#findEach = new PreparedQuery(knex('users').select(columns).whereRaw(isOneOf('id', 'bigint'), 'ids'));
    const owners = knex('users').select({ ...columns, emailKey: 'email_key' });
    this.#findOwners = new PreparedQuery(owners.whereRaw(isOneOf('email_key'), 'emailKeys'));
    this.#findOwner = new PreparedQuery(knex('users').select('id').where(placeholders('email_key')));
    const shared = knex('users').select('email_key').groupBy('email_key').havingRaw('count(*) > 1');
    const twins = knex('users')
      .select({ ...columns, emailKey: 'email_key' })
      .whereIn('email_key', shared);
    this.#twins = twins.orderBy(['email_key', 'id']).limit(maxTwins);
    this.#findTaken = new PreparedQuery(knex('users').select('email_key').whereRaw(isOneOf('email_key'), 'emailKeys'));
    this.#insert = insertRows(knex, 'users', [...Object.keys(input), 'created_at'], ['id', 'email_key']);
    this.#update = updateRows(knex, 'users', Object.keys(input));
    this.#delete = new PreparedQuery(knex('users').whereRaw(isOneOf('id', 'bigint'), 'ids').delete());
    this.#restore = new PreparedQuery(knex('users').insert({ ...id, ...input, ...placeholders('created_at') }));
  }

  /** @returns the user; undefined if there is none with this id */
  find(connection: Connection, id: number): MaybePromise<User | undefined> {
    return this.#find.get<UserRow>(connection, { id });
  }

  /** @returns the id of a user that has this e-mail, in any spelling; undefined if there is none */
  async findOwner(connection: Connection, email: string): Promise<number | undefined> {
    const owner = await this.#findOwner.get<Row & { id: number }>(connection, { email_key: emailKey(email) });
    return owner?.id;
  }

  /** @returns the users that have one of these e-mails, in comparable form */
  findOwners(connection: Connection, emailKeys: readonly string[]): MaybePromise<KeyedUser[]> {
    return this.#findOwners.all<KeyedUser>(connection, { emailKeys: JSON.stringify(emailKeys) });
  }

  /** @returns one page of the list, and the revision that it shows */
  async list(connection: Connection, query: ListQuery): Promise<{ page: UserPage; revision: string }> {
    const { items: users, revision, ...page } = await this.#list.read(connection, query);
    return { page: { users, ...page }, revision };
  }

  /** @returns the users that share an e-mail, a list for each e-mail, and the revision that they belong to */
  twins(connection: Connection): MaybePromise<UserTwins & { revision: string }> {
    return connection.snapshot(async (snapshot) => {
      const { revision } = await readSummary(snapshot, userResource);
      const groups = Map.groupBy(await snapshot.rows<KeyedUser>(this.#twins), ({ emailKey }) => emailKey);
      const twins = [...groups.values()].map((group) => group.map(({ emailKey: _, ...user }) => user));
      return { twins, revision };
    });
  }

  /**
   * Creates users with three statements, however many they are.
   * @param now ISO 8601 in UTC
   * @returns one result for each creation, in the same order; EmailTaken where another user, or one before it, has the e-mail
   */
  async insert(connection: Connection, creations: readonly UserCreation[], now: string): Promise<WriteResult<User>[]> {
    const rows = creations.map(({ input }) => ({
      ...input,
      ...userKeys(input),
      created_at: now,
      updated_at: now,
      version: 1,
    }));
    const emailKeys = JSON.stringify(rows.map(({ email_key }) => email_key));
    const found = await this.#findTaken.all<{ email_key: string }>(connection, { emailKeys });
    const taken = new Set(found.map(({ email_key }) => email_key));
    const isFree = ({ email_key }: { email_key: string }) => !taken.has(email_key) && taken.add(email_key);
    const free = new Set(rows.filter(isFree));
    if (free.size === 0) return rows.map(() => ({ error: new EmailTaken() }));
    const inserted = await this.#insert.all<InsertedRow>(connection, { rows: JSON.stringify([...free]) });
    const ids = new Map(inserted.map(({ id, email_key }) => [email_key, id]));
    recordChange(connection, userResource, free.size);
    const changes: NewChange[] = [];
    const results = rows.map((row, index): WriteResult<User> => {
      if (!free.has(row)) return { error: new EmailTaken() };
      const { name, email, version } = row;
      const id = ids.get(row.email_key) as number;
      const { author } = creations[index] as UserCreation;
      changes.push({ userId: id, action: 'create', before: null, after: { name, email, version }, author });
      return { value: { id, name, email, createdAt: now, updatedAt: now, version } };
    });
    await this.#history.record(connection, changes, now);
    return results;
  }

  /**
   * Changes the given fields of users, and adds one to their versions, with three statements unless e-mails change.
   * @param now ISO 8601 in UTC
   * @returns one result for each update, in the same order; or UserNotFound, PreconditionFailed, InvalidRequest when the rules
   *   for names and e-mails refuse a new text, or EmailTaken
   */
  async update(connection: Connection, updates: readonly UserUpdate[], now: string): Promise<WriteResult<User>[]> {
    const known = await this.#findAll(connection, updates);
    const changes: NewChange[] = [];
    const waiting = new Map<number, Row>();
    const store = async () => {
      if (waiting.size === 0) return;
      await this.#update.run(connection, { rows: JSON.stringify([...waiting.values()]) });
      waiting.clear();
    };
    const change = async ({ id, patch, precondition, author, restores = false }: UserUpdate): Promise<User> => {
      const current = requireCurrent(known.get(id), id, precondition);
      const { name = current.name, email = current.email } = patch;
      const input = restores ? { name, email } : acceptChange(current, patch);
      const keys = userKeys(input);
      if (keys.email_key !== emailKey(current.email)) {
        await store();
        await this.#refuseTaken(connection, keys.email_key);
      }
      const changed = { ...current, ...input, updatedAt: now, version: current.version + 1 };
      known.set(id, changed);
      waiting.set(id, { ...input, ...keys, updated_at: now, version: changed.version, id });
      recordChange(connection, userResource, 0);
      const action = restores ? 'restore' : 'update';
      changes.push({ userId: id, action, before: stateOf(current), after: stateOf(changed), author });
      return changed;
    };
    const results: WriteResult<User>[] = [];
    for (const each of updates) results.push(await resultOf(() => change(each)));
    await store();
    await this.#history.record(connection, changes, now);
    return results;
  }

  /**
   * Moves users to the bin with four statements, however many they are.
   * @param now ISO 8601 in UTC
   * @returns one result for each removal, in the same order; or UserNotFound or PreconditionFailed
   */
  async delete(connection: Connection, removals: readonly UserRemoval[], now: string): Promise<WriteResult<void>[]> {
    const known = await this.#findAll(connection, removals);
    const changes: NewChange[] = [];
    const results: WriteResult<void>[] = [];
    const remove = ({ id, precondition, author }: UserRemoval) => {
      const current = requireCurrent(known.get(id), id, precondition);
      known.delete(id);
      changes.push({ userId: id, action: 'delete', before: stateOf(current), after: null, author });
    };
    for (const removal of removals) results.push(await resultOf(() => remove(removal)));
    if (changes.length === 0) return results;
    const ids = JSON.stringify(changes.map(({ userId }) => userId));
    await this.#bin.add(connection, ids, changes.length, now);
    await this.#delete.run(connection, { ids });
    recordChange(connection, userResource, -changes.length);
    await this.#history.record(connection, changes, now);
    return results;
  }

  /**
   * Moves a user back from the bin. Its new version is one that no entity tag from before has.
   * @param deleted a user that the bin has, and whose e-mail no user has; its name and e-mail may be those of an earlier state
   * @param now ISO 8601 in UTC
   */
  async restore(connection: Connection, deleted: DeletedUser, author: Author, now: string): Promise<User> {
    const { id, name, email, createdAt } = deleted;
    const version = deleted.version + 1;
    await this.#bin.remove(connection, id);
    const row = { id, name, email, ...userKeys(deleted), created_at: createdAt, updated_at: now, version };
    await this.#restore.run(connection, row);
    recordChange(connection, userResource, 1);
    const after = { name, email, version };
    await this.#history.record(connection, [{ userId: id, action: 'restore', before: null, after, author }], now);
    return { id, name, email, createdAt, updatedAt: now, version };
  }

  /**
   * Refuses an e-mail that another user has. A unique index can't do it, because twins from before the comparison of today
   * share a key. The write lock of the transaction keeps two writers from taking one e-mail at once.
   */
  async #refuseTaken(connection: Connection, email_key: string): Promise<void> {
    if ((await this.#findOwner.get(connection, { email_key })) !== undefined) throw new EmailTaken();
  }

  async #findAll(connection: Connection, users: readonly { readonly id: number }[]): Promise<Map<number, User>> {
    const ids = JSON.stringify(users.map(({ id }) => id));
    return new Map((await this.#findEach.all<UserRow>(connection, { ids })).map((user) => [user.id, user]));
  }
}

function stateOf({ name, email, version }: User): UserState {
  return { name, email, version };
}

/**
 * @throws {UserNotFound} when there is no user with this id
 * @throws {PreconditionFailed} when the precondition refuses the current version
 */
function requireCurrent(current: User | undefined, id: number, precondition: Precondition): User {
  if (current === undefined) throw new UserNotFound(id);
  if (!precondition(current.version)) throw new PreconditionFailed(etagOf(current.version));
  return current;
}

/** @returns the value, or the refusal of one request; any other error concerns them all */
async function resultOf<T>(work: () => T | Promise<T>): Promise<WriteResult<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    if (error instanceof HttpError) return { error };
    throw error;
  }
}
