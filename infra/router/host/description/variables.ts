/** Turns the values of environment variables into text. */
import type { Place } from '../project.ts';
import type { Notices } from './notices.ts';
import { type Fields, placeOf } from './places.ts';

/**
 * @param environment computed names and values
 * @param notices     gets the variables that no process can have
 * @param where       of the variables, where the object has no places
 * @returns the variables as a process gets them
 */
export function variablesOf(environment: Fields, notices: Notices, where?: Place): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    const place = where ?? placeOf(environment, name);
    if (value === undefined || value === null) continue;
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      notices.add(place, `the variable "${name}" is left out: a name has letters, digits and _`);
    } else if (typeof value === 'object') {
      notices.add(place, `the variable ${name} is left out: its value is no text`);
    } else {
      variables[name] = String(value);
    }
  }
  return variables;
}
