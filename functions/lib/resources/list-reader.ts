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
}

/** One page, and the state of the resource that it shows. */
export interface ListPage<Item> {
  readonly items: Item[];
  /** How many items match, on all pages together. */
  readonly total: number;
  /** The cursor of the next page; null on the last one. */
  readonly next: string | null;
  readonly revision: string;
}

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
      const total = hasSearch ? await this.#count(snapshot, query.search) : all;
      const select =
        query.sort === bestMatch
          ? this.#selectBest(query)
          : this.#select(query, hasSearch && total < this.#expressions.rareMatches);
      const rows = await snapshot.rows<Item & { position: string | number }>(select);
      const items = rows.slice(0, query.limit).map(({ position, ...item }) => item as unknown as Item);
      const last = rows.length > query.limit ? rows[query.limit - 1] : undefined;
      const next = last === undefined ? null : encodeCursor(query, { value: last.position, id: last.id });
      return { items, total, next, revision };
    });
  }

  /** Selects one row more than a page has: the additional row says whether there is a next page. */
  #select({ limit, sort, descending, search, after }: ListQuery, isRare: boolean): Knex.QueryBuilder {
    const { columns, sortColumns } = this.#table;
    const column = sortColumns[sort] as string;
    const direction = descending ? 'desc' : 'asc';
    const query = this.#matches(search)
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
   * Selects the matches in the order of their rank: those that begin with the search, then those in which every word of the
   * search begins a word, then the others.
   */
  #selectBest({ limit, search, after }: ListQuery): Knex.QueryBuilder {
    const { columns, searchColumn } = this.#table;
    const { asLine, containsOneOf } = this.#expressions;
    const line = asLine(searchColumn);
    const beginnings = [...new Set([0, -1].map((at) => `\n ${search.map((spellings) => spellings.at(at)).join(' ')}`))];
    const wordStarts = search.map((spellings) => containsOneOf(line, spellings.length)).join(' AND ');
    const rank = `CASE WHEN ${containsOneOf(line, beginnings.length)} THEN 0 WHEN ${wordStarts} THEN 1 ELSE 2 END`;
    const words = search.flat().map((word) => ` ${word}`);
    const matches = this.#matches(search).select({
      ...columns,
      position: this.#knex.raw(rank, [...beginnings, ...words]),
    });
    const query = this.#knex
      .from(matches.as('matches'))
      .orderBy(['position', 'id'])
      .limit(limit + 1);
    return after === undefined ? query : query.whereRaw('(position, id) > (?, ?)', [after.value, after.id]);
  }

  async #count(connection: Connection, search: ListQuery['search']): Promise<number> {
    const query = this.#matches(search).count({ matches: '*' });
    const [row] = await connection.rows<{ matches: number }>(query);
    return row?.matches ?? 0;
  }

  #matches(search: ListQuery['search']): Knex.QueryBuilder {
    const { containsOneOf } = this.#expressions;
    const query = this.#knex(this.#table.resource.name);
    for (const spellings of search)
      query.whereRaw(containsOneOf(this.#table.searchColumn, spellings.length), spellings);
    return query;
  }
}
