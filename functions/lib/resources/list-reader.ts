/** Reads pages of a list from the database, for any resource. */
import type { Knex } from 'knex';
import type { Connection, MaybePromise, Row } from '../database/engine.ts';
import { type Expressions, expressionsOf } from '../database/expressions.ts';
import { type Resource, readSummary } from '../database/resources.ts';
import { bestMatch, encodeCursor, type ListQuery, type SortColumns } from './list-query.ts';

/** How a resource is stored in its table, which has the resource's name. */
export interface ListTable {
  readonly resource: Resource;
  /** The column of each property of an item. */
  readonly columns: Readonly<Record<string, string>> & { readonly id: string };
  /** Each needs an index on the column and the id. */
  readonly sortColumns: SortColumns;
  /** The column that `q` is looked up in. Its text is folded; a line break and a space come before each further spelling. */
  readonly searchColumn: string;
  /** The column that begins with the search in the best matches. It is one of the sorted columns, and folded. */
  readonly beginColumn: string;
}

/** One page, and the state of the resource that it shows. */
export interface ListPage<Item> {
  readonly items: Item[];
  /** How many items match, on all pages together; at most 10,000 for a search. */
  readonly total: number;
  /** Whether no more items match than `total` says. */
  readonly totalExact: boolean;
  /** The cursor of the next page; null on the last one. */
  readonly next: string | null;
  readonly revision: string;
}

/** How many matches of a search are counted. Counting all of a common word among a million items takes a second. */
const maxCounted = 10_000;

/** The rank of a match that was not compared with the others, in the place of 0, 1 or 2. */
const unranked = 3;

type Positioned<Item> = Item & { readonly position: string | number };

/** Builds and runs the queries of one resource's list. */
export class ListReader<Item extends Row & { readonly id: number }> {
  readonly #knex: Knex;
  readonly #expressions: Expressions;
  readonly #table: ListTable;

  constructor(knex: Knex, table: ListTable) {
    this.#knex = knex;
    this.#expressions = expressionsOf(knex);
    this.#table = table;
  }

  /** @returns one page; all its numbers belong to the same state of the database */
  read(connection: Connection, query: ListQuery): MaybePromise<ListPage<Item>> {
    return connection.snapshot(async (snapshot) => {
      const { total: all, revision } = await readSummary(snapshot, this.#table.resource);
      const hasSearch = query.search.length > 0;
      const { matches: counted, ids } = hasSearch ? await this.#count(snapshot, query.search) : { matches: all };
      const totalExact = !hasSearch || counted <= maxCounted;
      const total = totalExact ? counted : maxCounted;
      const isRare = hasSearch && totalExact && counted < this.#expressions.rareMatches;
      const rows =
        query.sort === bestMatch
          ? await this.#readBest(snapshot, query, totalExact, ids)
          : await snapshot.rows<Positioned<Item>>(this.#select(query, isRare, isRare ? ids : undefined));
      const items = rows.slice(0, query.limit).map(({ position, ...item }) => item as unknown as Item);
      const last = rows.length > query.limit ? rows[query.limit - 1] : undefined;
      const next = last === undefined ? null : encodeCursor(query, { value: last.position, id: last.id });
      return { items, total, totalExact, next, revision };
    });
  }

  /** Selects one row more than a page has: the additional row says whether there is a next page. */
  #select(
    { limit, sort, descending, search, after }: ListQuery,
    isRare: boolean,
    ids: string | undefined,
  ): Knex.QueryBuilder {
    const { columns, sortColumns } = this.#table;
    const column = sortColumns[sort] as string;
    const direction = descending ? 'desc' : 'asc';
    const query = this.#matches(search, ids)
      .select({ ...columns, position: column })
      .limit(limit + 1);
    const key = isRare ? this.#expressions.withoutIndex(column) : column;
    query.orderByRaw(sort === 'id' ? `${key} ${direction}` : `${key} ${direction}, id ${direction}`);
    if (after !== undefined) {
      const comparison = descending ? '<' : '>';
      if (sort === 'id') query.where('id', comparison, after.id);
      // With a row value, the database seeks in the index by both columns.
      else query.whereRaw(`(${key}, id) ${comparison} (?, ?)`, [after.value, after.id]);
    }
    return query;
  }

  /**
   * Reads the best matches. To rank them, the database reads all of them. Where they are too many, it looks for those whose name
   * begins with the search in an index, and the others follow by their ids.
   */
  async #readBest(
    connection: Connection,
    query: ListQuery,
    areFew: boolean,
    ids: string | undefined,
  ): Promise<Positioned<Item>[]> {
    const rank = query.after?.value;
    if (rank === undefined || rank === 0 ? areFew : rank !== unranked)
      return connection.rows<Positioned<Item>>(this.#selectRanked(query, areFew ? ids : undefined));
    const { limit, after, ...rest } = query;
    const beginning = rank === unranked ? [] : await connection.rows<Positioned<Item>>(this.#selectCommon(query, true));
    if (beginning.length > limit) return beginning;
    const others = { ...rest, limit: limit - beginning.length, after: rank === unranked ? after : undefined };
    return [...beginning, ...(await connection.rows<Positioned<Item>>(this.#selectCommon(others, false)))];
  }

  /** Selects matches by their ids: those that begin with the search, or the others. */
  #selectCommon({ limit, search, after }: ListQuery, areBeginning: boolean): Knex.QueryBuilder {
    const { columns, beginColumn } = this.#table;
    const query = this.#matches(search)
      .select({ ...columns, position: this.#knex.raw(String(areBeginning ? 0 : unranked)) })
      .orderBy('id')
      .limit(limit + 1);
    const ranges = beginningsOf(search).map((text) =>
      this.#knex.raw('?? >= ? AND ?? < ?', [beginColumn, text, beginColumn, `${text}\u{10ffff}`]),
    );
    const begins = (condition: Knex.QueryBuilder) => {
      for (const range of ranges) condition.orWhere(range);
    };
    if (areBeginning) query.where(begins);
    else query.whereNot(begins);
    return after === undefined ? query : query.where('id', '>', after.id);
  }

  /**
   * Selects the matches in the order of their rank: those that begin with the search, then those in which every word of the
   * search begins a word, then the others.
   */
  #selectRanked({ limit, search, after }: ListQuery, ids: string | undefined): Knex.QueryBuilder {
    const { columns, searchColumn } = this.#table;
    const { asLine, containsOneOf } = this.#expressions;
    const line = asLine(searchColumn);
    const begins = containsOneOf(
      line,
      beginningsOf(search).map((text) => `\n ${text}`),
    );
    const wordsBegin = search.map((spellings) =>
      containsOneOf(
        line,
        spellings.map((word) => ` ${word}`),
      ),
    );
    const rank = `CASE WHEN ${begins.sql} THEN 0 WHEN ${wordsBegin.map(({ sql }) => sql).join(' AND ')} THEN 1 ELSE 2 END`;
    const bindings = [begins, ...wordsBegin].flatMap((condition) => condition.bindings);
    const matches = this.#matches(search, ids).select({ ...columns, position: this.#knex.raw(rank, bindings) });
    const query = this.#knex
      .from(matches.as('matches'))
      .orderBy(['position', 'id'])
      .limit(limit + 1);
    return after === undefined ? query : query.whereRaw('(position, id) > (?, ?)', [after.value, after.id]);
  }

  /** @returns how many items match, at most one more than are counted, and their ids as JSON if they save a scan of the table */
  async #count(connection: Connection, search: ListQuery['search']): Promise<{ matches: number; ids?: string }> {
    const matches = this.#matches(search)
      .select('id')
      .limit(maxCounted + 1);
    const query = this.#knex.from(matches.as('matches')).count({ matches: '*' });
    if (this.#expressions.scansToSearch) query.select({ ids: this.#knex.raw('json_group_array(id)') });
    const [row] = await connection.rows<{ matches: number; ids?: string }>(query);
    return row ?? { matches: 0 };
  }

  /** @param ids of the items that match, as JSON, if they are known and all */
  #matches(search: ListQuery['search'], ids?: string): Knex.QueryBuilder {
    const { containsOneOf, isOneOf } = this.#expressions;
    const query = this.#knex(this.#table.resource.name);
    if (ids !== undefined) return query.whereRaw(isOneOf('id', 'bigint'), ids);
    for (const spellings of search) {
      const { sql, bindings } = containsOneOf(this.#table.searchColumn, spellings);
      query.whereRaw(sql, bindings);
    }
    return query;
  }
}

/** @returns the search as the begin of a text, in its first and its last spelling */
function beginningsOf(search: ListQuery['search']): string[] {
  return [...new Set([0, -1].map((at) => search.map((spellings) => spellings.at(at)).join(' ')))];
}
