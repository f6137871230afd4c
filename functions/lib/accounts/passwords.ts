/**
 * Hashes and verifies passwords: Argon2id where Node.js has it (24.7 and newer), otherwise scrypt.
 *
 * A hash is a text in PHC's form, `$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH`, and names its own parameters. So a hash of other
 * parameters, or of the other function, stays valid.
 * @see https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
 */
import crypto, { randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/** The functions and their parameters, as a hash names them. */
const current = typeof crypto.argon2 === 'function' ? 'argon2id$v=19$m=19456,t=2,p=1' : 'scrypt$ln=15,r=8,p=3';

const saltBytes = 16;
const hashBytes = 32;

const scrypt = promisify<string, Buffer, number, crypto.ScryptOptions, Buffer>(crypto.scrypt);

/** @param password in any Unicode form; two forms of one text are the same password */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  return `$${current}$${encode(salt)}$${encode(await derive(current, password, salt))}`;
}

/** The hash of an account that does not exist, or has no password. No password has it. */
const absentHash = `$${current}$${encode(randomBytes(saltBytes))}$${encode(randomBytes(hashBytes))}`;

/**
 * Verifies a password in constant time. Without a hash it does the same work and says no, so that the time does not tell whether an
 * account exists.
 */
export async function verifyPassword(password: string, hash: string | null | undefined): Promise<boolean> {
  const [, parameters = '', salt = '', expected = ''] = /^\$(.+)\$([^$]+)\$([^$]+)$/.exec(hash ?? absentHash) ?? [];
  const found = await derive(parameters, password, Buffer.from(salt, 'base64'));
  const wanted = Buffer.from(expected, 'base64');
  return found.length === wanted.length && timingSafeEqual(found, wanted) && typeof hash === 'string';
}

/** @returns whether a hash should be replaced by one of today's function and parameters, now that the password is known */
export function isOutdated(hash: string): boolean {
  return !hash.startsWith(`$${current}$`);
}

/** @throws Error for a function that this Node.js lacks */
function derive(parameters: string, password: string, salt: Buffer): Promise<Buffer> {
  const text = password.normalize('NFKC');
  const [, first, second, third] = (/(?:m|ln)=(\d+),(?:t|r)=(\d+),p=(\d+)$/.exec(parameters) ?? []).map(Number);
  if (first === undefined || second === undefined || third === undefined)
    throw new Error('A password hash is malformed');
  if (parameters.startsWith('argon2id$v=19$')) {
    if (typeof crypto.argon2 !== 'function') throw new Error('Passwords hashed by Argon2id need Node.js 24.7 or newer');
    const options = { message: text, nonce: salt, memory: first, passes: second, parallelism: third };
    return new Promise((resolve, reject) => {
      crypto.argon2('argon2id', { ...options, tagLength: hashBytes }, (error, key) =>
        error ? reject(error) : resolve(key),
      );
    });
  }
  const options = { N: 2 ** first, r: second, p: third };
  return scrypt(text, salt, hashBytes, { ...options, maxmem: 256 * options.N * options.r });
}

function encode(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
