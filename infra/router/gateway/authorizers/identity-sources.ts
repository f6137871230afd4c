/**
 * Reads the parts of a request that identify its caller.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html#http-api-lambda-authorizer.identity-sources
 */
import { ConfigurationError } from '../../config.ts';
import type { AuthorizerRequest } from './authorizer.ts';

/** Reads one value. @returns undefined where the request has none */
type Read = (request: AuthorizerRequest) => string | undefined;

const contextValues: Record<string, Read> = {
  httpMethod: ({ method }) => method,
  'identity.sourceIp': ({ sourceIp }) => sourceIp,
  'identity.userAgent': ({ headers }) => headers['user-agent'],
  path: ({ path }) => path,
  requestId: ({ requestId }) => requestId,
  resourcePath: ({ routeKey }) => routeKey.replace(/^\S+ /, ''),
  routeKey: ({ routeKey }) => routeKey,
  stage: ({ stage }) => stage,
};

/**
 * Prepares the identity sources of an authorizer.
 * @param sources such as "$request.header.Authorization", or "method.request.header.Authorization" of REST APIs
 * @returns a function that reads their values; it gives undefined when one of them is missing or empty
 * @throws ConfigurationError for a source that the router does not know
 */
export function identityReader(sources: string[]): (request: AuthorizerRequest) => string[] | undefined {
  const readers = sources.map(readerOf);
  return (request) => {
    const values: string[] = [];
    for (const read of readers) {
      const value = read(request);
      if (value === undefined || value === '') return undefined;
      values.push(value);
    }
    return values;
  };
}

/**
 * Prepares sources of which a request may lack some.
 * @throws ConfigurationError for a source that the router does not know
 */
export function optionalIdentityReader(sources: string[]): (request: AuthorizerRequest) => string[] {
  const readers = sources.map(readerOf);
  return (request) => readers.map((read) => read(request) ?? '');
}

function readerOf(source: string): Read {
  const [, kind, name = ''] =
    /^(?:\$|method\.)?(request\.header|request\.querystring|context|stageVariables)\.(.+)$/.exec(source) ?? [];
  if (kind === 'request.header') return headerReader(name.toLowerCase());
  if (kind === 'request.querystring') {
    return ({ query }) => new URLSearchParams(query).get(name) ?? undefined;
  }
  if (kind === 'stageVariables') return ({ stageVariables }) => stageVariables?.[name];
  const read = contextValues[name];
  if (kind === 'context' && read) return read;
  throw new ConfigurationError(
    `identity source "${source}": it takes $request.header.NAME, $request.querystring.NAME, $stageVariables.NAME or $context.NAME, with one of the names ${Object.keys(contextValues).join(', ')}`,
  );
}

function headerReader(name: string): Read {
  return ({ headers }) => {
    const value = headers[name];
    return Array.isArray(value) ? value.join(',') : value;
  };
}
