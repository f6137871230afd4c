/** Decides who can reach a server, and whether it may start without asking callers who they are. */

type Environment = Record<string, string | undefined>;

/** @returns whether others than this machine can reach HOST. PUBLISH_ADDRESS knows better: in a container HOST is always 0.0.0.0. */
export function isExposed({ PUBLISH_ADDRESS, HOST }: Environment): boolean {
  const reach = PUBLISH_ADDRESS?.trim() || HOST?.trim() || '127.0.0.1';
  return !/^(127\.[\d.]+|::1|\[::1\]|(.+\.)?localhost)$/i.test(reach);
}

/** @returns whether callers must say who they are */
export function hasAuth({ AUTH }: Environment): boolean {
  return AUTH?.trim() === 'on';
}

/** @returns what is wrong with AUTH and ALLOW_ANONYMOUS; a server that is open to the network by mistake must not start */
export function accessFaults(env: Environment): string[] {
  const auth = env.AUTH?.trim() || 'off';
  if (!/^(on|off)$/.test(auth)) return [`AUTH is "${auth}": it takes on or off`];
  const allowed = env.ALLOW_ANONYMOUS?.trim() || '0';
  if (!/^[01]$/.test(allowed)) return [`ALLOW_ANONYMOUS is "${allowed}": it takes 0 or 1`];
  if (!isExposed(env) || hasAuth(env) || allowed === '1') return [];
  const name = env.PUBLISH_ADDRESS?.trim() ? 'PUBLISH_ADDRESS' : 'HOST';
  return [
    `${name} lets other machines in, and AUTH is off: set AUTH=on, or ALLOW_ANONYMOUS=1 if everybody who gets there may ` +
      'read and change all users',
  ];
}
