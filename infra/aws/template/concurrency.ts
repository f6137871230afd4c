/** Divides the events that the database can take at once among the functions. */
import type { FunctionConfiguration } from '../../router/manifest.ts';

/** The concurrency that AWS keeps for the functions of an account that reserve nothing. */
const unreservedConcurrency = 100;
/** AWS's default limit of an account. */
const accountConcurrency = 1000;

/**
 * A function whose function.json has a cap of its own keeps it. The others share the rest of the budget evenly, because a
 * cap for all functions together does not exist on AWS.
 * @param functions of the manifest
 * @param budget events at once over all functions
 * @returns how many events each function takes at once, by its name
 * @throws Error when the budget is too small for the functions, or larger than an account allows
 */
export function concurrencyOf(functions: FunctionConfiguration[], budget: number): Map<string, number> {
  const largest = accountConcurrency - unreservedConcurrency;
  if (budget > largest) {
    throw new Error(`a concurrency of ${budget} is more than the ${largest} that an AWS account can reserve`);
  }
  const capOf = ({ onStart, reservedConcurrentExecutions }: FunctionConfiguration) =>
    onStart ? 1 : reservedConcurrentExecutions;
  const capped = functions.filter((one) => capOf(one) < accountConcurrency);
  const sharing = functions.length - capped.length;
  const rest = budget - capped.reduce((sum, one) => sum + capOf(one), 0);
  const share = sharing === 0 ? rest : Math.floor(rest / sharing);
  const least = Math.max(
    1,
    ...functions.filter((one) => !capped.includes(one)).map((one) => one.provisionedConcurrency),
  );
  if (rest < 0 || (sharing > 0 && share < least)) {
    throw new Error(`a concurrency of ${budget} is too small for ${functions.length} functions: take a larger one`);
  }
  return new Map(functions.map((one) => [one.name, capped.includes(one) ? capOf(one) : share]));
}
