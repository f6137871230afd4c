/**
 * Queries that Knex builds once per process. Building a query takes longer than running it.
 */
import type { Knex } from 'knex';
import type { Buildable, Connection, MaybePromise, Row, Value } from './engine.ts';
import { expressionsOf } from './expressions.ts';

/** The SQL of a query and the names of its parameters; each run binds other values. */
export class PreparedQuery {
  readonly #sql: string;
  readonly #names: readonly string[];

  /** @param query a Knex query that has parameter names in the place of values; see `placeholders` */
  constructor(query: Buildable) {
    const { sql, bindings } = query.toSQL().toNative();
    this.#sql = sql;
    this.#names = bindings.map(String);
  }

  /**
   * @param values one value for each parameter, by its name
   * @returns the first row, or undefined
   */
  get<T extends Row>(
    connection: Connection,
    values: Readonly<Record<string, Value>> = {},
  ): MaybePromise<T | undefined> {
    return connection.get<T>(this.#sql, ...this.#bindings(values));
  }

  /**
   * @param values one value for each parameter, by its name
   * @returns all rows
   */
  all<T extends Row>(connection: Connection, values: Readonly<Record<string, Value>> = {}): MaybePromise<T[]> {
    return connection.all<T>(this.#sql, ...this.#bindings(values));
  }

  /**
   * @param values one value for each parameter, by its name
   * @returns the number of changed rows
   */
  run(connection: Connection, values: Readonly<Record<string, Value>>): MaybePromise<{ readonly changes: number }> {
    return connection.run(this.#sql, ...this.#bindings(values));
  }

  #bindings(values: Readonly<Record<string, Value>>): Value[] {
    return this.#names.map((name) => {
      const value = values[name];
      if (value === undefined)
        throw new Error(`The query has the parameter "${name}", and no value was passed for it.`);
      return value;
    });
  }
}

/** @returns an object that maps each name to itself: parameters for the columns of the same names */
export function placeholders<Name extends string>(...names: Name[]): Record<Name, Name> {
  return Object.fromEntries(names.map((name) => [name, name])) as Record<Name, Name>;
}

/**
 * @param columns of the table, from trusted code
 * @param returning columns of the new rows that the query returns, in no certain order
 * @returns a query that inserts all rows of its parameter `rows`, a JSON list of objects with these columns
 */
export function insertRows(
  knex: Knex,
  table: string,
  columns: readonly string[],
  returning: readonly string[] = [],
): PreparedQuery {
  const rows = expressionsOf(knex).rowsOf(table, columns);
  const end = returning.length > 0 ? ` RETURNING ${returning.join(', ')}` : '';
  return new PreparedQuery(knex.raw(`INSERT INTO ${table} (${columns.join(', ')}) ${rows}${end}`, ['rows']));
}

/** Inserts rows, with one statement where each statement is a round trip, and otherwise with the one that costs least. */
export class RowInsertion {
  readonly #rowByRow: boolean;
  readonly #query: PreparedQuery;

  /** @param columns of the table, from trusted code */
  constructor(knex: Knex, table: string, columns: readonly string[]) {
    this.#rowByRow = !expressionsOf(knex).hasRoundTrips;
    this.#query = this.#rowByRow
      ? new PreparedQuery(knex(table).insert(placeholders(...columns)))
      : insertRows(knex, table, columns);
  }

  /** @param rows each with a value for every column */
  async run(connection: Connection, rows: readonly Row[]): Promise<void> {
    // SQLite takes half the time to bind nine values than to find them in JSON.
    if (this.#rowByRow) for (const row of rows) await this.#query.run(connection, row);
    else await this.#query.run(connection, { rows: JSON.stringify(rows) });
  }
}

/**
 * @param columns of the table beside `id`, from trusted code
 * @returns a query that changes the rows with the ids of its parameter `rows`, a JSON list of objects with `id` and these columns
 */
export function updateRows(knex: Knex, table: string, columns: readonly string[]): PreparedQuery {
  const rows = expressionsOf(knex).rowsOf(table, ['id', ...columns]);
  const changes = columns.map((column) => `${column} = changed.${column}`).join(', ');
  const sql = `UPDATE ${table} SET ${changes} FROM (${rows}) AS changed WHERE ${table}.id = changed.id`;
  return new PreparedQuery(knex.raw(sql, ['rows']));
}
