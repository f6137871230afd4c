/**
 * Path and query parameters.
 */
import type { Request } from 'lambda-api';
import { InvalidRequest, QueryTooLong } from '../errors.ts';

/** Characters of a query string: the longest search and cursor fit. */
const maxQueryLength = 4096;

/**
 * The id in /users/{id}.
 * @throws {InvalidRequest} unless it is a positive whole number that JavaScript holds exactly
 */
export function readId(request: Request): number {
  // lambda-api leaves its own `params` percent-encoded; the gateway's are decoded.
  const text = request.pathParameters?.id ?? request.params.id ?? '';
  const id = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(id)) return id;
  throw new InvalidRequest([{ field: 'id', message: `must be a whole number from 1 to ${Number.MAX_SAFE_INTEGER}` }]);
}

/**
 * The query parameters.
 * @throws {QueryTooLong} naming the longest of them
 */
export function readQuery({ query }: Request): Readonly<Record<string, string | undefined>> {
  let total = 0;
  let longest = '';
  for (const name of Object.keys(query)) {
    const length = name.length + (query[name]?.length ?? 0);
    total += length;
    if (longest === '' || length > longest.length + (query[longest]?.length ?? 0)) longest = name;
  }
  if (total <= maxQueryLength) return query;
  const field = longest.slice(0, 100);
  const detail = `The query string has more than ${maxQueryLength} characters; the longest parameter is ${field}.`;
  throw new QueryTooLong(detail, { errors: [{ field, message: 'is too long' }] });
}
