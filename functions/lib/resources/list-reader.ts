/** Reads pages of a list from the database, for any resource. */
import type { Knex } from 'knex';
import { type Resource, readSummary } from '../database/resources.ts';
import type { Connection, Row } from '../database/sqlite/connection.ts';
import { contains, withoutIndex } from '../database/sqlite/expressions.ts';
import { encodeCursor, type ListQuery, type SortColumns } from './list-query.ts';

/** With fewer matches than this, sorting the matches is faster than looking for them in the order of an index. */
const rareMatches = 5_000;

/** How a resource is stored in its table, which has the resource's name. */
export interface ListTable {
  readonly resource: Resource;
  /** The column of each property of an item. */
  readonly columns: Readonly<Record<string, string>> & { readonly id: string };
  /** Each needs an index on the column and the id. */
  readonly sortColumns: SortColumns;
  /** The column that `q` is looked up in; its text is folded. */
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
  readonly #table: ListTable;

  constructor(knex: Knex, table: ListTable) {
    this.#knex = knex;
    this.#table = table;
  }

  /** @returns one page; all its numbers belong to the same state of the database */
  read(connection: Connection, query: ListQuery): ListPage<Item> {
    return connection.snapshot(() => {
      const { total: all, revision } = readSummary(connection, this.#table.resource);
      const total = query.search === '' ? all : this.#count(connection, query.search);
      const isRare = query.search !== '' && total < rareMatches;
      const rows = connection.rows<Item & { position: string | number }>(this.#select(query, isRare));
      const items = rows.slice(0, query.limit).map(({ position, ...item }) => item as unknown as Item);
      const last = rows.length > query.limit ? rows[query.limit - 1] : undefined;
      const next = last === undefined ? null : encodeCursor(query, { value: last.position, id: last.id });
      return { items, total, next, revision };
    });
  }

  /** Selects one row more than a page has: the additional row says whether there is a next page. */
  #select({ limit, sort, descending, search, after }: ListQuery, isRare: boolean): Knex.QueryBuilder {
    const { resource, columns, sortColumns, searchColumn } = this.#table;
    const column = sortColumns[sort] as string;
    const direction = descending ? 'desc' : 'asc';
    const query = this.#knex(resource.name)
      .select({ ...columns, position: column })
      .limit(limit + 1);
    const key = isRare ? withoutIndex(column) : column;
    query.orderByRaw(sort === 'id' ? `${key} ${direction}` : `${key} ${direction}, id ${direction}`);
    if (search !== '') query.whereRaw(contains(searchColumn), search);
    if (after !== undefined) {
      const comparison = descending ? '<' : '>';
      if (sort === 'id') query.where('id', comparison, after.id);
      // With a row value, the database seeks in the index by both columns.
      else query.whereRaw(`(${key}, id) ${comparison} (?, ?)`, [after.value, after.id]);
    }
    return query;
  }

  #count(connection: Connection, search: string): number {
    const { resource, searchColumn } = this.#table;
    const query = this.#knex(resource.name).count({ matches: '*' }).whereRaw(contains(searchColumn), search);
    return connection.rows<{ matches: number }>(query)[0]?.matches ?? 0;
  }
}
