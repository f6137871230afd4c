/**
 * Which function a name means. Lambda takes a plain name, a partial ARN and a full one, each with or without a qualifier:
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_RequestParameters
 *
 * One host has the functions of one account and one region, and its clients may bring the ARNs of wherever else the
 * functions run: account and region of an ARN are read past. The one version there is here is $LATEST.
 */
import type { Config } from '../config.ts';
import type { FunctionHost } from '../runtime/host.ts';
import { functionArn } from '../runtime/launch.ts';
import type { Pool } from '../runtime/pool.ts';
import { functionNotFound, invalidParameter, invalidValue } from './api-error.ts';

/** As the API's model has it, with the name and the qualifier apart. */
const pattern =
  /^(?:arn:aws[a-zA-Z-]*:lambda:)?(?:[a-z]{2}(?:-[a-z]+)+-\d:)?(?:\d{12}:)?(?:function:)?([a-zA-Z0-9_-]+)(?::(\$LATEST|[a-zA-Z0-9_-]+))?$/;

export interface FunctionName {
  name: string;
  qualifier: string | undefined;
}

/**
 * @param text      name or ARN
 * @param qualifier of the query string; null when there is none
 * @throws InvalidParameterValueException
 */
export function parseFunctionName(text: string, qualifier: string | null): FunctionName {
  const [, name, own] = pattern.exec(text) ?? [];
  if (!name) throw invalidValue(text, 'functionName', `regular expression pattern: ${pattern.source}`);
  if (qualifier !== null && !/^(\$LATEST|[a-zA-Z0-9_-]{1,128})$/.test(qualifier)) {
    throw invalidValue(qualifier, 'qualifier', 'regular expression pattern: (|[a-zA-Z0-9$_-]+)');
  }
  if (own && qualifier && own !== qualifier) {
    throw invalidParameter('The derived qualifier from the function name does not match the specified qualifier.');
  }
  return { name, qualifier: own ?? qualifier ?? undefined };
}

/** @throws ResourceNotFoundException when there is no such function, or not that version of it */
export function findFunction({ name, qualifier }: FunctionName, host: FunctionHost, config: Config): Pool {
  const pool = host.pools.get(name);
  if (pool && (qualifier === undefined || qualifier === '$LATEST')) return pool;
  throw functionNotFound(`${functionArn(config, name)}${qualifier ? `:${qualifier}` : ''}`);
}
