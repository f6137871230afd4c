/**
 * The migrations, oldest first: imported rather than read from a folder, so that they are part of the bundle.
 *
 * Forward only. A migration that was released is never changed: the next one corrects it. The number of migrations is
 * the schema version, kept in SQLite's `user_version`; a program refuses a file with a higher one than its own.
 */
import type { Knex } from 'knex';
import * as createUsers from './001-create-users.ts';
import * as createCacheTrust from './002-create-cache-trust.ts';
import * as createIdempotencyKeys from './003-create-idempotency-keys.ts';

export interface Migration {
  /** Never changes once released: the database remembers it. */
  readonly name: string;
  readonly up: (knex: Knex) => Promise<void>;
}

export const migrations: readonly Migration[] = [
  { name: '001-create-users', up: createUsers.up },
  { name: '002-create-cache-trust', up: createCacheTrust.up },
  { name: '003-create-idempotency-keys', up: createIdempotencyKeys.up },
];

/** The version of the schema that these migrations lead to. */
export const schemaVersion = migrations.length;
