/** Checks the numbers of a description against the limits of function.json. */
import schema from '../../function.schema.json' with { type: 'json' };
import { type Place, ProjectError } from '../project.ts';

/**
 * @param setting  name in function.json
 * @param property name in the description, for the message
 * @param value    a whole number, or its digits as text
 * @param place    of the value
 * @returns the number
 * @throws {ProjectError} for anything else
 */
export function integerSetting(
  setting: 'timeout' | 'memorySize' | 'reservedConcurrentExecutions',
  property: string,
  value: unknown,
  place: Place,
): number {
  const { minimum, maximum } = schema.properties[setting];
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isInteger(number) && number >= minimum && number <= maximum) return number;
  throw new ProjectError(
    `${property} takes a whole number from ${minimum} to ${maximum}, not ${JSON.stringify(value)}`,
    place,
  );
}
