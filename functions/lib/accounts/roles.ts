/** The roles of people and API keys. Each one may do what the roles before it may. */

/** From the least to the most. */
export const roles = ['reader', 'editor', 'administrator'] as const;
export type Role = (typeof roles)[number];

/** @returns whether a text names a role */
export function isRole(text: unknown): text is Role {
  return roles.includes(text as Role);
}

/** @returns whether a caller of one role may do what needs another one */
export function suffices(role: Role, needed: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed);
}

/** @param claim of a token: a role, or a list that has roles among other things @returns the highest role of the claim */
export function roleOfClaim(claim: unknown): Role | undefined {
  const named = [claim].flat().filter(isRole);
  return roles.findLast((one) => named.includes(one));
}
