/** The items of one resource: reads that go through the cache, and writes that the cache learns of. */
import type { Knex } from 'knex';
import type { ReadTrace } from '../cache/read-trace.ts';
import type { Representation } from '../cache/representation.ts';
import type { Connection, MaybePromise, WriteResult } from '../database/engine.ts';
import { type Resource, readSummary } from '../database/resources.ts';
import { DatabaseUnavailable } from '../errors.ts';
import { timing } from '../metrics.ts';
import type { DataAccess } from './data-access.ts';
import { type ListQuery, listQueryKey } from './list-query.ts';

/** When a process loads Knex. The first response usually comes from the cache and must not wait for it. */
const warmUpDelayMs = 500;

/** How long reads take, without their wait for their turn. */
const readDuration = timing('DatabaseReadDuration');

/** How often a write begins again because its query found further items. */
const maxFindAttempts = 5;

/** One resource in database and cache. `Queries` is the type of the resource's repositories. */
export class Collection<Queries> {
  readonly #data: DataAccess;
  readonly #resource: Resource;
  readonly #prepare: (knex: Knex) => Queries;
  #queries: Promise<Queries> | undefined;

  /**
   * @param resource must have a row in the table `resources`
   * @param prepare makes the repositories; called once, as soon as Knex is loaded
   */
  constructor(data: DataAccess, resource: Resource, prepare: (knex: Knex) => Queries) {
    this.#data = data;
    this.#resource = resource;
    this.#prepare = prepare;
    setTimeout(() => this.#open().catch(() => {}), warmUpDelayMs).unref();
  }

  /**
   * Reads one item, from the cache if it is there.
   * @param load reads the item from the database; undefined if it does not exist
   */
  readItem(
    id: number,
    trace: ReadTrace,
    load: (connection: Connection, queries: Queries) => MaybePromise<Representation | undefined>,
  ): Promise<Representation | undefined> {
    return this.#data.cache.read({ resource: this.#resource, id }, trace, () => this.readDatabase(load));
  }

  /**
   * Reads one page of the list, from the cache if it is there.
   * @param load reads the page from the database
   */
  readList(
    query: ListQuery,
    trace: ReadTrace,
    load: (connection: Connection, queries: Queries) => MaybePromise<Representation>,
  ): Promise<Representation> {
    return this.readView(listQueryKey(query), trace, load, query.search.length > 0);
  }

  /**
   * Reads what depends on any item, from the cache if it is there.
   * @param name of the view; the cache keeps it beside the pages of the list
   * @param load reads the view from the database
   * @param isSearch whether it may go through the whole table
   */
  async readView(
    name: string,
    trace: ReadTrace,
    load: (connection: Connection, queries: Queries) => MaybePromise<Representation>,
    isSearch = false,
  ): Promise<Representation> {
    const key = { resource: this.#resource, query: name };
    return (await this.#data.cache.read(key, trace, () => this.readDatabase(load, isSearch))) as Representation;
  }

  /**
   * Runs a write in a transaction that it may share with others.
   * @param ids the existing items that the write may change; empty for a write that only creates
   * @param work awaits nothing but statements on its connection; if it throws, its changes are undone
   * @param size how many items the work writes at most
   * @returns the work's result, once it is committed and no reader can get an older value
   * @throws {DatabaseUnavailable} when another process keeps the write lock
   */
  async write<T>(
    ids: readonly number[],
    work: (connection: Connection, queries: Queries) => MaybePromise<T>,
    size = 1,
  ): Promise<T> {
    const queries = await this.#open();
    const scopes = [{ resource: this.#resource, ids }];
    return this.#data.writes.submit(scopes, (connection) => work(connection, queries), size);
  }

  /**
   * Makes a function that writes items. Calls that arrive together run together, in one transaction.
   * @param idsOf the existing items that an input may change; empty for one that only creates
   * @param work writes an item for each input; an input with an error has changed nothing
   * @returns a function that takes one input, and gives its result once it is committed
   */
  bulkWriter<Input, T>(
    idsOf: (input: Input) => readonly number[],
    work: (connection: Connection, queries: Queries, inputs: readonly Input[]) => Promise<readonly WriteResult<T>[]>,
  ): (input: Input) => Promise<T> {
    const run = async (connection: Connection, inputs: readonly Input[]) =>
      work(connection, await this.#open(), inputs);
    return async (input) => {
      await this.#open();
      const scopes = [{ resource: this.#resource, ids: idsOf(input) }];
      return this.#data.writes.submitBulk(scopes, { work: run, input });
    };
  }

  /**
   * Runs a write on the items that a query finds. The cache must know their ids before the transaction begins. When the query
   * finds another item inside the transaction, the write begins again with the ids that it found there.
   * @param find reads the items that the work may change
   * @param work gets the items as they are inside the transaction; otherwise as in `write`
   * @throws {DatabaseUnavailable} when other writes keep changing what the query finds
   */
  async writeFound<Item extends { readonly id: number }, T>(
    find: (connection: Connection, queries: Queries) => MaybePromise<readonly Item[]>,
    work: (connection: Connection, queries: Queries, found: readonly Item[]) => MaybePromise<T>,
    size: number,
  ): Promise<T> {
    let items = await this.readDatabase(find);
    for (let attempt = 1; attempt <= maxFindAttempts; attempt++) {
      const known = new Set(items.map(({ id }) => id));
      const outcome = await this.write(
        [...known],
        async (connection, queries): Promise<{ found: readonly Item[] } | { value: T }> => {
          const found = await find(connection, queries);
          if (found.some(({ id }) => !known.has(id))) return { found };
          return { value: await work(connection, queries, found) };
        },
        size,
      );
      if ('value' in outcome) return outcome.value;
      items = outcome.found;
    }
    throw new DatabaseUnavailable();
  }

  /**
   * Reads what is never cached.
   * @param load awaits nothing but statements on its connection
   * @param isSearch whether it may go through the whole table
   */
  async readDatabase<T>(
    load: (connection: Connection, queries: Queries) => MaybePromise<T>,
    isSearch = false,
  ): Promise<T> {
    const queries = await this.#open();
    const { database, reads } = this.#data;
    return reads.run(
      () => readDuration.measure(() => database.use((connection) => load(connection, queries))),
      isSearch,
    );
  }

  #open(): Promise<Queries> {
    this.#queries ??= this.#prepareQueries().catch((error: unknown) => {
      this.#queries = undefined;
      throw error;
    });
    return this.#queries;
  }

  /** A resource without a row must not be cached: a recovery in another process would not empty its keys. */
  async #prepareQueries(): Promise<Queries> {
    const knex = await this.#data.knex();
    await this.#data.database.use((connection) => readSummary(connection, this.#resource));
    return this.#prepare(knex);
  }
}
