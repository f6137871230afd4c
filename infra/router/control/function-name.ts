/**
 * Finds the function that a name or an ARN means. Lambda takes a plain name, a partial ARN and a full one, each with or
 * without a qualifier.
 *
 * A router hosts the functions of one account and one region, but its clients may have ARNs of other places where the
 * functions run. So account and region of an ARN make no difference. $LATEST is the only version.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_RequestParameters
 */
import type { Config } from '../config.ts';
import type { FunctionHost } from '../runtime/host.ts';
import { functionArn } from '../runtime/launch.ts';
import type { Pool } from '../runtime/pool.ts';
import { functionNotFound, invalidParameter, invalidValue } from './api-error.ts';

/** The pattern of the API's model, with groups for name and qualifier. */
const pattern =
  /^(?:arn:aws[a-zA-Z-]*:lambda:)?(?:[a-z]{2}(?:-[a-z]+)+-\d:)?(?:\d{12}:)?(?:function:)?([a-zA-Z0-9_-]+)(?::(\$LATEST|[a-zA-Z0-9_-]+))?$/;

/** A function's name, and the version that the client wants. */
export interface FunctionName {
  name: string;
  qualifier: string | undefined;
}

/**
 * Parses the name in a path.
 * @param text      name or ARN
 * @param qualifier the query parameter Qualifier; null when there is none
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

/** @throws ResourceNotFoundException when there is no such function or no such version of it */
export function findFunction({ name, qualifier }: FunctionName, host: FunctionHost, config: Config): Pool {
  const pool = host.pools.get(name);
  if (pool && (qualifier === undefined || qualifier === '$LATEST')) return pool;
  throw functionNotFound(`${functionArn(config, name)}${qualifier ? `:${qualifier}` : ''}`);
}
