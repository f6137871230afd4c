/** Reads a setting of the router from a file, as Docker's secrets expect: NAME_FILE names the file with the value of NAME. */
import { readFileSync } from 'node:fs';

/**
 * @param env    an empty setting counts as unset
 * @param faults gets a line when both NAME and NAME_FILE are set, or the file is empty or can't be read
 * @returns the value of NAME, or the content of the file without the line break at its end
 * @see https://docs.docker.com/compose/how-tos/use-secrets/
 */
export function readSecret(
  env: Record<string, string | undefined>,
  name: string,
  faults: string[],
): string | undefined {
  const value = env[name]?.trim() || undefined;
  const file = env[`${name}_FILE`]?.trim() || undefined;
  if (file === undefined) return value;
  if (value !== undefined) faults.push(`${name} and ${name}_FILE are both set: unset one of them`);
  try {
    const content = readFileSync(file, 'utf8').trim();
    if (content !== '') return content;
    faults.push(`${name}_FILE: ${file} is empty`);
  } catch (error) {
    faults.push(`${name}_FILE: ${file} can't be read (${(error as NodeJS.ErrnoException).code})`);
  }
  return undefined;
}
