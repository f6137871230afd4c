/** The query of a user's history: the latest changes come first, and nothing is searched. */
import { InvalidRequest } from '../errors.ts';
import { type ListQuery, parseListQuery } from '../resources/list-query.ts';

/**
 * Reads the parameters limit and cursor.
 * @throws {InvalidRequest} with a fault for each wrong or unknown parameter
 */
export function parseHistoryQuery({
  limit,
  cursor,
  ...unknown
}: Readonly<Record<string, string | undefined>>): ListQuery {
  const message = 'is not known; the parameters are limit and cursor';
  const faults = Object.keys(unknown).map((field) => ({ field, message }));
  if (faults.length > 0) throw new InvalidRequest(faults);
  return parseListQuery({ limit, cursor, sort: '-id' }, { id: 'id' });
}
