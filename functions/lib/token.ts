/** Unique texts, which cost less than random ones. */
import { randomBytes } from 'node:crypto';

const processPart = randomBytes(9).toString('base64url');
let count = 0;

/** @returns a text that no other call returns, in this process or in another one; letters, digits, `-` and `_` */
export function newToken(): string {
  count++;
  return `${processPart}${count.toString(36)}`;
}
