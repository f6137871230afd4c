/**
 * Reads the parts of a request that identify its caller.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html#http-api-lambda-authorizer.identity-sources
 */
import { ConfigurationError } from '../../config.ts';
import { parameterValues } from '../event-parts.ts';
import type { AuthorizerRequest } from './authorizer.ts';

/** Reads every value that the request has for a source. */
type Read = (request: AuthorizerRequest) => string[];

/** What identifies the caller of one request. */
export interface Identity {
  /** One for each source; a repeated header or query parameter has its values joined by commas, as in events of format 2.0. */
  readonly values: string[];
  /** Differs for requests in which any value of a source differs, since a handler may read the first or the last one. */
  readonly key: string;
}

const contextValues: Record<string, (request: AuthorizerRequest) => string | undefined> = {
  httpMethod: ({ method }) => method,
  'identity.sourceIp': ({ sourceIp }) => sourceIp,
  'identity.userAgent': (request) => request.headerValues('user-agent').join(),
  // A Lambda authorizer reads this form, and may judge it. An answer kept for the decoded path would be about another one.
  path: ({ rawPath }) => rawPath,
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
export function identityReader(sources: string[]): (request: AuthorizerRequest) => Identity | undefined {
  const read = optionalIdentityReader(sources);
  return (request) => {
    const identity = read(request);
    return identity.values.includes('') ? undefined : identity;
  };
}

/**
 * Prepares sources of which a request may lack some.
 * @throws ConfigurationError for a source that the router does not know
 */
export function optionalIdentityReader(sources: string[]): (request: AuthorizerRequest) => Identity {
  const readers = sources.map(readerOf);
  return (request) => {
    const values: string[] = [];
    let key = '';
    for (const read of readers) {
      const all = read(request);
      values.push(all.join());
      key += `${all.length}`;
      // A length before each value keeps two lists of values from having one key, whatever characters a client sends.
      for (const value of all) key += ` ${value.length} ${value}`;
    }
    return { values, key };
  };
}

function readerOf(source: string): Read {
  const [, kind, name = ''] =
    /^(?:\$|method\.)?(request\.header|request\.querystring|context|stageVariables)\.(.+)$/.exec(source) ?? [];
  if (kind === 'request.header') {
    const lowerCaseName = name.toLowerCase();
    return (request) => request.headerValues(lowerCaseName);
  }
  if (kind === 'request.querystring') return ({ query }) => parameterValues(query, name);
  if (kind === 'stageVariables') return ({ stageVariables }) => [stageVariables?.[name] ?? ''];
  const read = contextValues[name];
  if (kind === 'context' && read) return (request) => [read(request) ?? ''];
  throw new ConfigurationError(
    `identity source "${source}": it takes $request.header.NAME, $request.querystring.NAME, $stageVariables.NAME or $context.NAME, with one of the names ${Object.keys(contextValues).join(', ')}`,
  );
}
