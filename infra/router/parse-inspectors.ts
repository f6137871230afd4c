/** Reads which functions a developer debugs, and at which ports. */

/** The port at which debuggers look for a process of Node.js. */
const firstPort = 9229;

/**
 * Reads the setting INSPECT_FUNCTIONS.
 * @param items  NAME or NAME=PORT
 * @param faults gets a sentence when the items are wrong
 * @returns the port of each function; one without a port of its own takes the first free port from 9229 on
 */
export function parseInspectors(items: string[], faults: string[]): Map<string, number> {
  const ports = new Map<string, number>();
  const given = items.map((item) => {
    const [, name, port] = /^([\w-]{1,64})(?:=(\d{4,5}))?$/.exec(item) ?? [];
    return { name, port: port === undefined ? undefined : Number(port) };
  });
  const taken = new Set(given.map(({ port }) => port));
  let next = firstPort;
  for (const { name, port } of given) {
    while (port === undefined && taken.has(next)) next++;
    if (name !== undefined) ports.set(name, port ?? next++);
  }
  const numbers = new Set(ports.values());
  if (numbers.size < items.length || [...numbers].some((port) => port < 1024 || port > 65_535)) {
    faults.push(
      `INSPECT_FUNCTIONS is "${items}": it takes names, or NAME=PORT with ports from 1024 to 65535 that differ`,
    );
  }
  return ports;
}
