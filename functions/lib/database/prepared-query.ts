/**
 * A statement that Knex builds once: building it takes longer than running it.
 */
import type { Connection, Row, Value } from './sqlite/connection.ts';

interface Buildable {
  toSQL(): { toNative(): { sql: string; bindings: readonly unknown[] } };
}

export class Template {
  readonly #sql: string;
  readonly #names: readonly string[];

  /** @param query whose values are names: those of the values to come */
  constructor(query: Buildable) {
    const { sql, bindings } = query.toSQL().toNative();
    this.#sql = sql;
    this.#names = bindings.map(String);
  }

  /** @returns the first row */
  get<T extends Row>(connection: Connection, values: Readonly<Record<string, Value>> = {}): T | undefined {
    return connection.get<T>(this.#sql, ...this.#bindings(values));
  }

  run(connection: Connection, values: Readonly<Record<string, Value>>): { changes: number; lastId: number } {
    return connection.run(this.#sql, ...this.#bindings(values));
  }

  #bindings(values: Readonly<Record<string, Value>>): Value[] {
    return this.#names.map((name) => {
      const value = values[name];
      if (value === undefined) throw new Error(`The statement needs ${name}.`);
      return value;
    });
  }
}

/** @returns names as their own values, for queries that templates are made of */
export function placeholders<Name extends string>(...names: Name[]): Record<Name, Name> {
  return Object.fromEntries(names.map((name) => [name, name])) as Record<Name, Name>;
}
