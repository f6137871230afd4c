/**
 * The random texts that prove who calls: API keys, session tokens, and the tokens of links.
 *
 * A credential has a public id, by which the database finds it, and a secret of 256 bits, of which the database has the SHA-256
 * hash. A fast hash suffices, because nobody can try 2^256 secrets.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** The prefix of each kind of credential. Scanners of sources recognize a leaked credential by it. */
export const prefixes = { key: 'cadk', session: 'cads', link: 'cadl' } as const;
export type CredentialKind = keyof typeof prefixes;

/** A credential as a client sends it. */
export interface Credential {
  readonly kind: CredentialKind;
  /** 16 hexadecimal digits. */
  readonly id: string;
  readonly secret: string;
}

/** @returns a new credential: its text, which nobody can read again, and the id and the hash for the database */
export function newCredential(kind: CredentialKind): { text: string; id: string; secretHash: string } {
  const id = randomBytes(8).toString('hex');
  const secret = randomBytes(32).toString('base64url');
  return { text: `${prefixes[kind]}_${id}_${secret}`, id, secretHash: sha256(secret) };
}

/** @returns the parts of a credential; undefined for any other text */
export function parseCredential(text: string): Credential | undefined {
  const [, prefix, id = '', secret = ''] = /^(cad[ksl])_([0-9a-f]{16})_([\w-]{43})$/.exec(text) ?? [];
  const kind = (Object.keys(prefixes) as CredentialKind[]).find((one) => prefixes[one] === prefix);
  return kind && { kind, id, secret };
}

/** Compares in constant time. @param secretHash from the database; undefined where it has no credential with the id */
export function isGenuine({ secret }: Credential, secretHash: string | undefined): boolean {
  const found = Buffer.from(sha256(secret));
  const wanted = Buffer.from(secretHash ?? sha256(''));
  return timingSafeEqual(found, wanted);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
