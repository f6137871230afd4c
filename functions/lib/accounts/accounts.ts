/** Lets people sign in, sign out and choose passwords, and administrators manage the accounts of others. */
import { readCacheState } from '../cache/cache-state.ts';
import type { Connection, Engine, MaybePromise } from '../database/engine.ts';
import { DirectoryMoved } from '../errors.ts';
import type { ListQuery } from '../resources/list-query.ts';
import { LinkNotValid, SignInFailed, TooManyPeople, WrongPassword } from './account-errors.ts';
import type { AccountRules } from './account-rules.ts';
import { type Administrator, requireAdministrator } from './administrator.ts';
import { parseCredential } from './credentials.ts';
import { createLink, readLink, removeLink } from './links.ts';
import { findIdentified, type Identity, insertIdentified } from './openid/identities.ts';
import { AccountDisabled } from './openid/openid-errors.ts';
import { hashPassword, isOutdated, verifyPassword } from './passwords.ts';
import {
  changePerson,
  countPeople,
  findPerson,
  findPersonNamed,
  insertPerson,
  listPeople,
  type PeoplePage,
  type Person,
  type PersonPatch,
  type PersonRow,
  readPeoplePage,
  toPerson,
} from './people.ts';
import type { Role } from './roles.ts';
import { beginSession, endSession, endSessions } from './sessions.ts';
import { type Attempt, beginAttempt, forgiveAttempt } from './sign-in-failures.ts';

/** A link as its maker gets it, once. */
export interface Link {
  readonly token: string;
  /** The page of the site on which the person chooses the password; null where PUBLIC_URL does not say where the site is. */
  readonly url: string | null;
  /** ISO 8601 in UTC. */
  readonly expiresAt: string;
}

/** A session that has begun. Nobody can read its token again. */
export interface NewSession {
  readonly token: string;
  /** ISO 8601 in UTC. */
  readonly expiresAt: string;
  readonly person: Person;
}

/** Accounts in one database. Passwords are hashed outside of transactions, because that takes long on purpose. */
export class Accounts {
  readonly #database: Pick<Engine, 'use' | 'transact'>;
  readonly #rules: AccountRules;

  constructor(database: Pick<Engine, 'use' | 'transact'>, rules: AccountRules) {
    this.#database = database;
    this.#rules = rules;
  }

  /**
   * Begins a session. A wrong name, a wrong password and a disabled account give the same error after the same work.
   * @throws {SignInFailed}
   * @throws {SignInPaused}
   */
  async signIn(attempt: Attempt, password: string): Promise<NewSession> {
    const row = await this.#write(async (connection) => {
      await beginAttempt(connection, attempt, this.#rules.pauses, Date.now());
      return findPersonNamed(connection, attempt.name);
    });
    const isRight = await verifyPassword(password, row?.password_hash);
    if (!isRight || row === undefined || row.disabled_at !== null) throw new SignInFailed();
    const hash = row.password_hash as string;
    const newHash = isOutdated(hash) ? await hashPassword(password) : hash;
    return this.#write(async (connection) => {
      const now = Date.now();
      const current = await findPerson(connection, row.id);
      // The password may have been changed, or the account disabled, while it was verified.
      if (current.password_hash !== hash || current.disabled_at !== null) throw new SignInFailed();
      await forgiveAttempt(connection, attempt, now);
      await connection.run('UPDATE people SET password_hash = ? WHERE id = ?', newHash, row.id);
      return this.#beginSession(connection, current, now);
    });
  }

  /**
   * Begins a session of a person whom a provider of OpenID Connect has recognized. The first sign-in adds the person. Each one sets
   * the role that the provider names; where it names none, the person's sessions end.
   * @returns undefined for an identity without a role
   * @throws {AccountDisabled}
   * @throws {TooManyPeople}
   */
  signInAs(identity: Identity): Promise<NewSession | undefined> {
    const { role } = identity;
    return this.#write(async (connection) => {
      const now = Date.now();
      const known = await findIdentified(connection, identity);
      if (role === undefined) {
        // A thrown error would take the end of the sessions back.
        if (known) await endSessions(connection, known.id);
        return undefined;
      }
      if (known && known.disabled_at !== null) throw new AccountDisabled();
      if (!known) await this.#refuseTooMany(connection);
      const row = known ?? (await insertIdentified(connection, identity, role, new Date(now).toISOString()));
      await connection.run('UPDATE people SET role = ? WHERE id = ?', role, row.id);
      return this.#beginSession(connection, { ...row, role }, now);
    });
  }

  /** Ends one session. */
  signOut(sessionId: string): Promise<void> {
    return this.#write((connection) => endSession(connection, sessionId));
  }

  /** Ends all sessions of a person. */
  signOutEverywhere(personId: number): Promise<void> {
    return this.#write((connection) => endSessions(connection, personId));
  }

  /**
   * Changes the password of a person who knows the current one, and ends the person's other sessions.
   * @param sessionId of the session that goes on
   * @throws {WrongPassword}
   * @throws {SignInPaused}
   */
  async changePassword(
    { personId, sessionId, client }: { personId: number; sessionId: string; client: string | undefined },
    { currentPassword, newPassword }: { currentPassword: string; newPassword: string },
  ): Promise<void> {
    const row = await this.#database.use((connection) => findPerson(connection, personId));
    const attempt = { name: row.name, client };
    await this.#write((connection) => beginAttempt(connection, attempt, this.#rules.pauses, Date.now()));
    if (!(await verifyPassword(currentPassword, row.password_hash))) throw new WrongPassword();
    const hash = await hashPassword(newPassword);
    await this.#write(async (connection) => {
      await forgiveAttempt(connection, attempt, Date.now());
      await this.#setPassword(connection, personId, hash);
      await endSessions(connection, personId, sessionId);
    });
  }

  /** @returns everybody, by name */
  list(): Promise<Person[]> {
    return this.#database.use(listPeople);
  }

  /** @returns one page of the list of people, by name */
  listPage(query: ListQuery): Promise<PeoplePage> {
    return this.#database.use((connection) => readPeoplePage(connection, query));
  }

  /** @throws {PersonNotFound} */
  read(id: number): Promise<Person> {
    return this.#database.use(async (connection) => toPerson(await findPerson(connection, id)));
  }

  /**
   * Adds a person, who chooses a password by the link.
   * @param by the caller; undefined for a command on the machine of the database
   * @throws {NameTaken}
   * @throws {TooManyPeople}
   * @throws {Unauthorized} or {AdministratorNeeded} when the caller is no administrator any more
   */
  invite(
    given: { name: string; email: string | null; role: Role },
    by?: Administrator,
  ): Promise<{ person: Person; link: Link }> {
    return this.#manage(by, async (connection) => {
      const person = await this.#insert(connection, { ...given, passwordHash: null });
      return { person, link: await this.#link(connection, person.id) };
    });
  }

  /**
   * Adds a person who has a password.
   * @throws {NameTaken}
   * @throws {TooManyPeople}
   */
  async add(given: { name: string; email: string | null; role: Role }, password: string): Promise<Person> {
    const passwordHash = await hashPassword(password);
    return this.#write((connection) => this.#insert(connection, { ...given, passwordHash }));
  }

  /**
   * Makes a link by which a person chooses a new password. Earlier links of the person end.
   * @param by as for `invite`
   * @throws {PersonNotFound}
   * @throws {Unauthorized} or {AdministratorNeeded} as `invite`
   */
  createLink(personId: number, by?: Administrator): Promise<Link> {
    return this.#manage(by, async (connection) => {
      await findPerson(connection, personId);
      return this.#link(connection, personId);
    });
  }

  /**
   * @param token of a link
   * @returns whose link it is
   * @throws {LinkNotValid}
   */
  async readLink(token: string): Promise<{ person: Person; expiresAt: string }> {
    const credential = linkCredential(token);
    const link = await this.#database.use((connection) => readLink(connection, credential, Date.now()));
    return { person: toPerson(link.person), expiresAt: link.expiresAt };
  }

  /**
   * Sets the password of the link's person, and ends the link and all sessions of the person.
   * @param client a key of the client's address, whose pause ends
   * @throws {LinkNotValid}
   */
  async useLink(token: string, password: string, client?: string): Promise<Person> {
    const credential = linkCredential(token);
    // A wrong link must not cost the work of a hash.
    await this.#database.use((connection) => readLink(connection, credential, Date.now()));
    const hash = await hashPassword(password);
    return this.#write(async (connection) => {
      const { person } = await readLink(connection, credential, Date.now());
      await removeLink(connection, credential);
      await this.#setPassword(connection, person.id, hash);
      await endSessions(connection, person.id);
      await forgiveAttempt(connection, { name: person.name, client }, Date.now());
      return toPerson({ ...person, password_hash: hash });
    });
  }

  /**
   * Changes a person. One who is disabled loses all sessions and links.
   * @param by as for `invite`
   * @throws {PersonNotFound}
   * @throws {NameTaken}
   * @throws {LastAdministrator}
   * @throws {Unauthorized} or {AdministratorNeeded} as `invite`
   */
  change(id: number, patch: PersonPatch, by?: Administrator): Promise<Person> {
    return this.#manage(by, (connection) => changePerson(connection, id, patch, new Date().toISOString()));
  }

  async #insert(connection: Connection, given: Parameters<typeof insertPerson>[1]): Promise<Person> {
    await this.#refuseTooMany(connection);
    return insertPerson(connection, given, new Date().toISOString());
  }

  async #refuseTooMany(connection: Connection): Promise<void> {
    const { peopleLimit } = this.#rules;
    if ((await countPeople(connection)) >= peopleLimit) throw new TooManyPeople(peopleLimit);
  }

  async #beginSession(connection: Connection, row: PersonRow, now: number): Promise<NewSession> {
    const signedInAt = new Date(now).toISOString();
    await connection.run('UPDATE people SET signed_in_at = ? WHERE id = ?', signedInAt, row.id);
    const session = await beginSession(connection, row.id, this.#rules.sessions, now);
    return { ...session, person: toPerson({ ...row, signed_in_at: signedInAt }) };
  }

  async #link(connection: Connection, personId: number): Promise<Link> {
    const { linkMs, publicUrl } = this.#rules;
    const link = await createLink(connection, personId, linkMs, Date.now());
    return { ...link, url: publicUrl === undefined ? null : `${publicUrl}/link#${link.token}` };
  }

  async #setPassword(connection: Connection, personId: number, hash: string): Promise<void> {
    await connection.run('UPDATE people SET password_hash = ? WHERE id = ?', hash, personId);
    await connection.run('DELETE FROM account_links WHERE person_id = ?', personId);
  }

  /** The transaction holds the write lock, so nobody demotes the caller between the look and the change. */
  #manage<T>(by: Administrator | undefined, work: (connection: Connection) => MaybePromise<T>): Promise<T> {
    return this.#write(async (connection) => {
      if (by !== undefined) await requireAdministrator(connection, by, Date.now());
      return work(connection);
    });
  }

  #write<T>(work: (connection: Connection) => MaybePromise<T>): Promise<T> {
    return this.#database.transact(async (connection) => {
      if ((await readCacheState(connection)).move !== null) throw new DirectoryMoved();
      return work(connection);
    });
  }
}

/** @throws {LinkNotValid} for a text that is no token of a link */
function linkCredential(token: string) {
  const credential = parseCredential(token);
  if (credential?.kind !== 'link') throw new LinkNotValid();
  return credential;
}
