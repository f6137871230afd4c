/** Functions whose processes open Node's inspector, so that a debugger attaches. */
import { type Config, ConfigurationError } from '../config.ts';
import type { FunctionConfiguration } from '../manifest.ts';

/** The time limit of everything that a debugger may stop: a day. */
export const inspectedLimitMs = 24 * 3600 * 1000;

/**
 * Gives the functions that are inspected no time-out that a person would notice, and one environment that is always there.
 * @param functions all functions of the manifest
 * @param inspectors port by function
 * @throws ConfigurationError when a function to inspect is missing
 */
export function inspectedFunctions(
  functions: FunctionConfiguration[],
  { inspectors }: Pick<Config, 'inspectors'>,
): FunctionConfiguration[] {
  const names = functions.map(({ name }) => name);
  const missing = [...inspectors.keys()].find((name) => !names.includes(name));
  if (missing !== undefined) {
    throw new ConfigurationError(`INSPECT_FUNCTIONS names "${missing}": the functions are ${names.join(', ')}`);
  }
  return functions.map((configuration) =>
    inspectors.has(configuration.name)
      ? { ...configuration, timeout: inspectedLimitMs / 1000, provisionedConcurrency: 1 }
      : configuration,
  );
}
