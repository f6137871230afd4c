/** Writes the claims of a token as API Gateway hands them to functions: each one as text. */

/**
 * @param claims of a token
 * @returns each claim as text: a list as "[a b]", an object as "map[a:1 b:2]"
 */
export function claimsAsText(claims: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, asText(value)]));
}

function asText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(asText).join(' ')}]`;
  if (value === null) return '<nil>';
  if (typeof value !== 'object') return String(value);
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `map[${members.map(([name, member]) => `${name}:${asText(member)}`).join(' ')}]`;
}
