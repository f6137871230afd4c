/** Reads secrets from AWS Secrets Manager when a Lambda environment starts, and hands them to the function as files. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AwsClient } from 'aws4fetch';

type Environment = Record<string, string | undefined>;

/** A secret can't be read, or its variable is invalid. The function does not start. */
class SecretError extends Error {
  override name = 'SecretError';
}

/** How often, and at first after how long, a call is repeated that AWS throttles. INIT takes at most 10 s. */
const retries = 3;
const initRetryMs = 100;
const timeoutMs = 3000;

/**
 * For every variable `NAME_SECRET`, reads the secret, writes its value to a file that this user alone can read, and sets
 * `NAME_FILE` to its path. The variable itself goes away.
 *
 * A value has the form of ECS: `ARN:FIELD::` is one field of a secret that is a JSON object, `ARN` the whole secret.
 * @param environment of this process, which it changes
 * @throws {SecretError} that names the variable, and never a value
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
 */
export async function readSecrets(environment: Environment): Promise<void> {
  const names = Object.keys(environment).filter((name) => name.endsWith('_SECRET') && environment[name]);
  if (names.length === 0) return;
  const folder = mkdtempSync(join(tmpdir(), 'secrets-'));
  await Promise.all(
    names.map(async (name) => {
      const value = await readSecret(name, environment[name] as string, environment);
      const setting = name.slice(0, -'_SECRET'.length);
      const file = join(folder, setting);
      writeFileSync(file, value, { mode: 0o600 });
      environment[`${setting}_FILE`] = file;
      delete environment[name];
    }),
  );
}

async function readSecret(name: string, value: string, environment: Environment): Promise<string> {
  const [, arn, region, field] =
    /^(arn:[\w-]+:secretsmanager:([\w-]+):\d+:secret:[^:]+)(?::([^:]+)::)?$/.exec(value) ?? [];
  if (arn === undefined || region === undefined) {
    throw new SecretError(`${name} takes the ARN of a secret, or ARN:FIELD:: for one field of it`);
  }
  const text = await getSecretValue(name, arn, region, environment);
  if (field === undefined) return text;
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    // The check below reports it.
  }
  const found = typeof content === 'object' && content !== null ? Reflect.get(content, field) : undefined;
  if (typeof found !== 'string') throw new SecretError(`${name}: the secret is no JSON object with a text "${field}"`);
  return found;
}

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html */
async function getSecretValue(name: string, arn: string, region: string, environment: Environment): Promise<string> {
  const client = new AwsClient({
    accessKeyId: environment.AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? '',
    ...(environment.AWS_SESSION_TOKEN && { sessionToken: environment.AWS_SESSION_TOKEN }),
    service: 'secretsmanager',
    region,
    retries,
    initRetryMs,
  });
  // AWS's own SDKs read this variable, too.
  const endpoint = environment.AWS_ENDPOINT_URL_SECRETS_MANAGER ?? `https://secretsmanager.${region}.amazonaws.com`;
  let response: Response;
  try {
    response = await client.fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'secretsmanager.GetSecretValue' },
      body: JSON.stringify({ SecretId: arn }),
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (error) {
    const { cause, message } = error as Error;
    const reason = cause instanceof Error ? cause.message : message;
    throw new SecretError(`${name}: Secrets Manager can't be reached (${reason}): check the VPC's endpoint`);
  }
  const answer = (await response.json().catch(() => ({}))) as { SecretString?: string; __type?: string };
  if (response.ok && typeof answer.SecretString === 'string') return answer.SecretString;
  throw new SecretError(
    `${name}: Secrets Manager answers ${response.status} (${answer.__type ?? 'no SecretString'}): check the role and the ARN`,
  );
}
