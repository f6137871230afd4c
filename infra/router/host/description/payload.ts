/** Reads the payload format version of routes and authorizers. */

/**
 * @param value    "1.0" or "2.0"; YAML makes 1 and 2 of them where they are not quoted
 * @param fallback where the description has none
 * @returns the version
 */
export function payloadVersion(value: unknown, fallback: '1.0' | '2.0'): '1.0' | '2.0' {
  if (value === undefined || value === null) return fallback;
  return Number(value) === 1 ? '1.0' : '2.0';
}
