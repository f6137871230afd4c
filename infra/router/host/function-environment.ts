/** The variables of a project's functions: those of its description, of .env, and those that other local hosts set. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { ProjectKind } from './arguments.ts';
import { readText } from './read-text.ts';

/** A name that a variable of a function may have. */
const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Variables of the AWS SDK that functions get from the shell: whose account, and at which address. */
const sdkVariable =
  /^AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|PROFILE|CONFIG_FILE|SHARED_CREDENTIALS_FILE|CA_BUNDLE|ENDPOINT_URL\w*)$/;

/** With these the SDK signs requests, but no account accepts them. SAM local uses the same. */
const dummyCredentials = { AWS_ACCESS_KEY_ID: 'defaultkey', AWS_SECRET_ACCESS_KEY: 'defaultsecret' };

/** By which variable code finds out that it does not run on AWS. */
const localMarks: Record<ProjectKind, Record<string, string>> = {
  sam: { AWS_SAM_LOCAL: 'true' },
  serverless: { IS_OFFLINE: 'true' },
  folder: {},
};

/**
 * Reads .env of the project, or else of the current folder.
 * @param folders absolute paths, in this order
 * @param shell variables of the host's own environment; they win over .env
 * @returns the variables of the file
 * @throws {ProjectError} for a file that can't be read
 */
export function readDotenv(folders: string[], shell: NodeJS.ProcessEnv): Record<string, string> {
  const file = folders.map((folder) => join(folder, '.env')).find((path) => existsSync(path));
  if (file === undefined) return {};
  const variables = Object.entries(parseEnv(readText(file, { file: '.env', line: 1 })) as Record<string, string>);
  return Object.fromEntries(
    variables.filter(([name]) => variableName.test(name)).map(([name, value]) => [name, shell[name] ?? value]),
  );
}

/**
 * Puts together the variables that every function has before those of its own.
 * @param dotenv as readDotenv returns it
 * @param shell the host's own environment
 */
export function commonVariables(
  kind: ProjectKind,
  dotenv: Record<string, string>,
  shell: NodeJS.ProcessEnv,
): Record<string, string> {
  const ofSdk = Object.entries(shell).filter(([name]) => sdkVariable.test(name));
  const given = { ...dotenv, ...(Object.fromEntries(ofSdk) as Record<string, string>) };
  const hasAccount = given.AWS_ACCESS_KEY_ID !== undefined || given.AWS_PROFILE !== undefined;
  return Object.assign({}, hasAccount ? undefined : dummyCredentials, localMarks[kind], given);
}
