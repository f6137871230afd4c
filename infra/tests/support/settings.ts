/** Finds the settings that a program reads, for tests that compare them with documents and deployments. */

/** Variables of a process. */
export type Environment = Record<string, string | undefined>;
/** Reads and checks the settings of a program. */
export type Parse = (environment: Environment) => unknown;

/** @returns the names of all variables that a parser reads */
export function namesReadBy(parse: Parse): Set<string> {
  const names = new Set<string>();
  parse(
    new Proxy<Environment>(
      {},
      {
        get(_target, name) {
          names.add(String(name));
          return undefined;
        },
      },
    ),
  );
  return names;
}
