/**
 * The migrations, oldest first. The list imports them, rather than reading a folder, so that bundles contain them.
 *
 * Migrations go forward only. A released migration is never changed; a later one corrects it. The number of migrations is
 * the schema version. A program refuses a database with a higher version than its own, unless all newer migrations serve older
 * programs.
 */
import type { Knex } from 'knex';
import * as createUsers from './001-create-users.ts';
import * as createCacheTrust from './002-create-cache-trust.ts';
import * as createIdempotencyKeys from './003-create-idempotency-keys.ts';
import * as serveAnyResource from './004-serve-any-resource.ts';
import * as compareCanonically from './005-compare-canonically.ts';
import * as createUsersBin from './006-create-users-bin.ts';
import * as recordOrigin from './007-record-origin.ts';
import * as ignoreApostrophes from './008-ignore-apostrophes.ts';
import * as recordMove from './009-record-move.ts';
import * as createUserChanges from './010-create-user-changes.ts';
import * as createAccounts from './011-create-accounts.ts';
import * as createIdentities from './012-create-identities.ts';
import * as foldCapitalEszett from './013-fold-capital-eszett.ts';
import * as indexUserChangesLater from './014-index-user-changes-later.ts';
import * as renameEszettTwins from './015-rename-eszett-twins.ts';
import * as tellErasedUsersApart from './016-tell-erased-users-apart.ts';

/** One step of the schema. */
export interface Migration {
  /** Never changes after the release: the database remembers which names have run. */
  readonly name: string;
  /** Runs inside a transaction that all missing migrations share. */
  readonly up: (knex: Knex) => Promise<void>;
  /**
   * Whether functions of older programs may go on with the database, which a rolling update needs: they find all that they read,
   * their writes leave nothing out that the new program relies on, and their erasures leave nothing of a person behind.
   */
  readonly servesOlder?: true;
}

export const migrations: readonly Migration[] = [
  { name: '001-create-users', up: createUsers.up },
  { name: '002-create-cache-trust', up: createCacheTrust.up },
  { name: '003-create-idempotency-keys', up: createIdempotencyKeys.up },
  { name: '004-serve-any-resource', up: serveAnyResource.up },
  { name: '005-compare-canonically', up: compareCanonically.up },
  { name: '006-create-users-bin', up: createUsersBin.up },
  { name: '007-record-origin', up: recordOrigin.up },
  { name: '008-ignore-apostrophes', up: ignoreApostrophes.up },
  { name: '009-record-move', up: recordMove.up },
  { name: '010-create-user-changes', up: createUserChanges.up },
  { name: '011-create-accounts', up: createAccounts.up },
  { name: '012-create-identities', up: createIdentities.up },
  { name: '013-fold-capital-eszett', up: foldCapitalEszett.up },
  { name: '014-index-user-changes-later', up: indexUserChangesLater.up },
  { name: '015-rename-eszett-twins', up: renameEszettTwins.up, servesOlder: true },
  { name: '016-tell-erased-users-apart', up: tellErasedUsersApart.up, servesOlder: true },
];

/** The schema version that these migrations lead to. */
export const schemaVersion = migrations.length;
