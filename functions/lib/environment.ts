/** Reads single settings out of the environment of a function process. `config.ts` puts them together. */
import { readFileSync, statSync } from 'node:fs';
import { ConfigurationError } from './errors.ts';

/** Variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Treats an empty setting as unset, because compose passes `${NAME:-}` as an empty text. */
export function setting(environment: Environment, name: string): string | undefined {
  return environment[name]?.trim() || undefined;
}

/**
 * Reads a setting that may contain a password, from its variable or from the file that NAME_FILE names. Messages name the
 * file, and never its content.
 * @see https://docs.docker.com/compose/how-tos/use-secrets/
 */
export function secret(environment: Environment, name: string): string | undefined {
  const value = setting(environment, name);
  const file = setting(environment, `${name}_FILE`);
  if (file === undefined) return value;
  if (value !== undefined) throw new ConfigurationError(`${name} and ${name}_FILE are both set; unset one of them`);
  let content: string;
  try {
    content = readSecretFile(file).trim();
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
    throw new ConfigurationError(`${name}_FILE: ${file} can't be read (${reason})`);
  }
  if (content === '') throw new ConfigurationError(`${name}_FILE: ${file} is empty`);
  return content;
}

/**
 * @returns whether a setting is `on`
 * @throws {ConfigurationError}
 */
export function readSwitch(environment: Environment, name: string, fallback: 'on' | 'off'): boolean {
  const value = setting(environment, name) ?? fallback;
  if (value === 'on' || value === 'off') return value === 'on';
  throw new ConfigurationError(`${name} must be on or off`);
}

/** @returns a parser of a whole number, which throws ConfigurationError for any other text */
export function readInteger(name: string, fallback: number, least: number, most: number) {
  return (environment: Environment): number => {
    const text = setting(environment, name) ?? String(fallback);
    if (/^\d{1,15}$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text);
    throw new ConfigurationError(`${name} must be a whole number from ${least} to ${most}`);
  };
}

/** Certificates of all public authorities have a quarter of it (bytes). */
const maxSecretBytes = 1_048_576;

/** Refuses a pipe or a device, which may never end. */
function readSecretFile(file: string): string {
  const status = statSync(file);
  if (!status.isFile()) throw new Error('it is no regular file');
  if (status.size > maxSecretBytes) throw new Error('it has more than 1 MB');
  return readFileSync(file, 'utf8');
}
