/**
 * Finds the time zone that a value from outside, such as a cookie, names. Names count in any letter case and have aliases,
 * so only the canonical name may be a key of a cache.
 * @returns the canonical IANA name; undefined if this Node.js does not know the zone, and for an offset such as `+01:30`
 */
export function canonicalTimeZone(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^[a-z][\w+\-/]{0,63}$/i.test(value)) return undefined;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}
