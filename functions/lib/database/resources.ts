/**
 * The table `resources`: one row for each resource, with the number of its items and their common revision.
 *
 * The table is also the register of cache keys. Any function process may have to empty the cache, and none of them knows
 * the resources of the others, so it reads their names here.
 */
import { newToken } from '../token.ts';
import type { Connection, MaybePromise, Row } from './engine.ts';

/** A kind of thing that the API serves, such as users. Its migration adds its row to the table `resources`. */
export interface Resource {
  /** Plural, such as `users`: the prefix of the cached list's key. */
  readonly name: string;
  /** Singular, such as `user`: the prefix of a cached item's key. */
  readonly item: string;
}

/** The facts that concern all items of a resource together. */
export interface Summary {
  /** How many items there are. */
  readonly total: number;
  /** New after every change: the entity tag of lists. */
  readonly revision: string;
}

const selectAll = 'SELECT name, item FROM resources ORDER BY name';
const select = 'SELECT total, revision FROM resources WHERE name = ?';
const update = 'UPDATE resources SET total = total + ?, revision = ? WHERE name = ?';

/** @returns every resource that the database holds */
export function listResources(connection: Connection): MaybePromise<Resource[]> {
  return connection.all<Row & Resource>(selectAll);
}

/**
 * @returns the total and the revision of a resource
 * @throws Error when no migration has registered the resource
 */
export async function readSummary(connection: Connection, { name }: Resource): Promise<Summary> {
  return (await connection.get<Row & Summary>(select, name)) ?? unregistered(name);
}

/**
 * Records a change, in the write that makes it. The transaction stores the changes of all its writes together.
 * @param difference how many items there are more than before; negative for fewer
 */
export function recordChange({ changes }: Connection, { name }: Resource, difference: number): void {
  changes.record(name, difference);
}

/**
 * Stores the changes of a transaction, just before it commits.
 * @throws Error when no migration has registered a resource
 */
export async function storeChanges(connection: Connection): Promise<void> {
  for (const [name, difference] of connection.changes.take()) {
    const { changes } = await connection.run(update, difference, newToken(), name);
    if (changes === 0) unregistered(name);
  }
}

function unregistered(name: string): never {
  throw new Error(
    `The table "resources" has no row for "${name}". The migration that creates the table must add the row, and ` +
      'functions/lib/database/migrations/index.ts must list that migration.',
  );
}
