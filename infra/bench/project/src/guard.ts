/** A Lambda authorizer with simple answers, for the route /guarded. */

interface Event {
  identitySource: string[];
}

/** Allows requests with the right token. */
export const handler = async ({ identitySource }: Event): Promise<{ isAuthorized: boolean }> => ({
  isAuthorized: identitySource[0] === 'open',
});
