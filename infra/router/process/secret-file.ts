/** Reads a setting of the router from a file, as Docker's secrets expect: NAME_FILE names the file with the value of NAME. */
import { readRegularFile, UnreadableFile } from './regular-file.ts';

/** Certificates of all public authorities have a quarter of it. */
const maxMegabytes = 1;

/**
 * @param env    an empty setting counts as unset
 * @param faults gets a line when both NAME and NAME_FILE are set, or the file is empty, can't be read, or is no regular file
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
    const content = readRegularFile(file, maxMegabytes).trim();
    if (content !== '') return content;
    faults.push(`${name}_FILE: ${file} is empty`);
  } catch (error) {
    const reason = error instanceof UnreadableFile ? error.message : (error as NodeJS.ErrnoException).code;
    faults.push(`${name}_FILE: ${file} can't be read (${reason})`);
  }
  return undefined;
}
