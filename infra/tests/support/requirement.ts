/** Decides between a skip and a failure when a program that tests need is missing. */

/**
 * Tests that need Redis, Chromium, Docker or aws-lambda-ric are skipped where it is missing, so that `npm test` works in
 * a fresh clone. In continuous integration (CI=true) a skipped test would hide a fault, so that it fails there.
 * @param missing what is missing, for the message; undefined when nothing is
 * @returns the value of node:test's `skip` option
 * @throws Error in continuous integration when something is missing
 */
export function skipWithout(missing: string | undefined): string | false {
  if (missing === undefined) return false;
  if (process.env.CI && process.env.CI !== 'false') throw new Error(`CI=true allows no skipped tests: ${missing}`);
  return missing;
}
