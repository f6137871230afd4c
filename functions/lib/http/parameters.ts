/** Reads path and query parameters. */
import type { Request } from 'lambda-api';
import { InvalidRequest, QueryTooLong } from '../errors.ts';

/** Names and values together. The longest search with the longest cursor fits. */
const maxQueryCharacters = 4096;

/**
 * Reads a number in a path such as /users/{id}.
 * @param name of the path parameter
 * @returns a whole number from 1 to Number.MAX_SAFE_INTEGER
 * @throws {InvalidRequest} for any other text
 */
export function readId(request: Request, name = 'id'): number {
  const text = request.params[name] ?? '';
  const id = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(id)) return id;
  throw new InvalidRequest([{ field: name, message: `must be a whole number from 1 to ${Number.MAX_SAFE_INTEGER}` }]);
}

/**
 * Reads the query parameters.
 * @returns values by name, decoded; values of a repeated name are joined by commas, as API Gateway does
 * @throws {QueryTooLong} that names the longest parameter
 */
export function readQuery({ query }: Request): Readonly<Record<string, string | undefined>> {
  let total = 0;
  let longest = '';
  let longestLength = 0;
  for (const [name, value = ''] of Object.entries(query)) {
    const length = name.length + value.length;
    total += length;
    if (length > longestLength) [longest, longestLength] = [name, length];
  }
  if (total <= maxQueryCharacters) return query;
  const field = longest.slice(0, 100);
  const detail = `The query string has more than ${maxQueryCharacters} characters; the longest parameter is ${field}.`;
  throw new QueryTooLong(detail, { errors: [{ field, message: 'is too long' }] });
}
