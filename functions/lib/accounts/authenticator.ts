/** Finds out who calls, for the function `authorize`: by a session token, an API key, or a JWT of the configured issuer. */
import { readCacheState } from '../cache/cache-state.ts';
import type { Connection, Engine } from '../database/engine.ts';
import { log } from '../logger.ts';
import type { AccountRules } from './account-rules.ts';
import { findApiKey, touchApiKey } from './api-keys.ts';
import { type Credential, parseCredential } from './credentials.ts';
import type { Role } from './roles.ts';
import { findSession, needsTouch, touchSession } from './sessions.ts';

/** A caller whose credential is valid: the context of the Lambda authorizer. */
export interface Caller {
  readonly actorKind: 'person' | 'key';
  /** The id of the person or the key; of a JWT, `jwt:` and its subject. */
  readonly actorId: string;
  readonly actorName: string;
  readonly role: Role;
  /** When the credential expires by itself, in milliseconds since 1970; left out where it does not. */
  readonly expiresAt?: number;
}

/** Verifies a JWT. @returns undefined for one that is not valid */
export type VerifyToken = (token: string) => Promise<Caller | undefined>;

type Headers = Readonly<Record<string, string | undefined>>;

/**
 * @param headers of the request, their names in lower case
 * @returns the credential that a request carries; undefined without one, and an empty text for one of another scheme
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-2.1
 */
export function credentialOf({ authorization, 'x-api-key': key }: Headers): string | undefined {
  if (authorization === undefined) return key;
  return /^bearer +([^ ]+) *$/i.exec(authorization)?.[1] ?? '';
}

/** Recognizes callers. */
export class Authenticator {
  readonly #database: Pick<Engine, 'use' | 'transact'>;
  readonly #rules: AccountRules;
  readonly #verifyToken: VerifyToken | undefined;

  /** @param verifyToken undefined where no issuer is configured */
  constructor(database: Pick<Engine, 'use' | 'transact'>, rules: AccountRules, verifyToken?: VerifyToken) {
    this.#database = database;
    this.#rules = rules;
    this.#verifyToken = verifyToken;
  }

  /**
   * @param text a session token, an API key or a JWT
   * @param isCheck whether the request only asks about the session, so that it does not count as a use
   * @returns undefined when it is not valid
   * @throws {DatabaseUnavailable} when nobody can tell
   */
  async recognize(text: string, isCheck = false): Promise<Caller | undefined> {
    const credential = parseCredential(text);
    if (credential === undefined) return text.includes('.') ? this.#verifyToken?.(text) : undefined;
    if (credential.kind === 'link') return undefined;
    return credential.kind === 'key' ? this.#ofKey(credential) : this.#ofSession(credential, isCheck);
  }

  async #ofKey(credential: Credential): Promise<Caller | undefined> {
    const now = Date.now();
    const key = await this.#database.use((connection) => findApiKey(connection, credential, now));
    if (key === undefined) return undefined;
    if (needsTouch(key.usedAt, now)) await this.#touch((connection) => touchApiKey(connection, key.id, now));
    const expiry = key.expiresAt === null ? {} : { expiresAt: Date.parse(key.expiresAt) };
    return { actorKind: 'key', actorId: key.id, actorName: key.name, role: key.role, ...expiry };
  }

  async #ofSession(credential: Credential, isCheck: boolean): Promise<Caller | undefined> {
    const now = Date.now();
    const { sessions } = this.#rules;
    const session = await this.#database.use((connection) => findSession(connection, credential, sessions, now));
    if (session === undefined) return undefined;
    if (!isCheck && needsTouch(session.usedAt, now))
      await this.#touch((connection) => touchSession(connection, credential.id, now));
    const { personId, personName, role } = session;
    const expiresAt = Date.parse(session.expiresAt);
    return { actorKind: 'person', actorId: String(personId), actorName: personName, role, expiresAt };
  }

  /**
   * Writes the time of the last use. A request must not fail because another writer keeps the lock. It waits all the same: Lambda
   * freezes the process after the answer, and a frozen transaction would keep others waiting.
   */
  async #touch(work: (connection: Connection) => Promise<void>): Promise<void> {
    try {
      await this.#database.transact(async (connection) => {
        if ((await readCacheState(connection)).move === null) await work(connection);
      });
    } catch (error) {
      log.warn('The time of the last use was not written', { error: error as Error });
    }
  }
}
