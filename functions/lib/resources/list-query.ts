/** The query of a list: its parameters, its cache key, and the cursors that lead from page to page. */
import { type FieldFault, InvalidRequest } from '../errors.ts';
import { isPlainText, lengthOf, searchWords } from '../text.ts';

/** The fields that clients may sort a list by, each with the column that holds it in comparable form. */
export type SortColumns = Readonly<Record<string, string>> & { readonly id: string };

/** A checked query. */
export interface ListQuery {
  /** Items per page, 1 to 1000. */
  readonly limit: number;
  /** A key of the resource's sort columns, or `bestMatch`. */
  readonly sort: string;
  readonly descending: boolean;
  /** The words that items must contain, each in one of its spellings; empty for all items. */
  readonly search: readonly (readonly string[])[];
  /** The last item of the page before this one; undefined for the first page. */
  readonly after: Position | undefined;
}

/** The last item of a page: the value that the list is sorted by, and the id, which decides between equal values. */
export interface Position {
  readonly value: string | number;
  readonly id: number;
}

/** The order of a search whose client chose none: items first whose text, or a word of it, begins with the search. */
export const bestMatch = 'bestMatch';

type Parameters = Readonly<Record<string, string | undefined>>;

const maxLimit = 1000;
const maxSearchCharacters = 100;

const knownParameters = ['limit', 'cursor', 'q', 'sort'];

/**
 * Reads the parameters limit, cursor, q and sort.
 * @throws {InvalidRequest} with a fault for each wrong parameter, and for each unknown one: it is probably misspelt
 */
export function parseListQuery(parameters: Parameters, sortColumns: SortColumns): ListQuery {
  const faults: FieldFault[] = Object.keys(parameters)
    .filter((name) => !knownParameters.includes(name))
    .map((field) => ({ field, message: `is not known; the parameters are ${listOf(knownParameters, 'and')}` }));
  const { limit = '100', q = '', cursor = '' } = parameters;
  const text = q.trim();
  const search = searchWords(text);
  const sort = parameters.sort ?? (search.length > 0 ? bestMatch : 'id');
  if (!/^[1-9]\d{0,3}$/.test(limit) || Number(limit) > maxLimit) {
    faults.push({ field: 'limit', message: `must be a whole number from 1 to ${maxLimit}` });
  }
  const descending = sort.startsWith('-');
  const field = descending ? sort.slice(1) : sort;
  if (parameters.sort !== undefined && !Object.hasOwn(sortColumns, field)) {
    const choices = listOf(Object.keys(sortColumns), 'or');
    faults.push({ field: 'sort', message: `must be ${choices}, with - in front for descending order` });
  }
  if (lengthOf(text) > maxSearchCharacters) {
    faults.push({ field: 'q', message: `must have at most ${maxSearchCharacters} characters` });
  } else if (!isPlainText(text)) {
    faults.push({ field: 'q', message: 'must not contain control characters' });
  }
  const after = cursor === '' ? undefined : decodeCursor(cursor, sort);
  if (after === null) faults.push({ field: 'cursor', message: 'must be the `next` of a page with the same sort' });
  if (faults.length > 0 || after === null) throw new InvalidRequest(faults);
  return { limit: Number(limit), sort: field, descending, search, after };
}

/**
 * Reads the parameters limit and cursor of a list that has one order, and that nobody searches.
 * @param sort the order, with - in front for a descending one
 * @throws {InvalidRequest} with a fault for each wrong or unknown parameter
 */
export function parsePageQuery(
  { limit, cursor, ...unknown }: Parameters,
  sort: string,
  sortColumns: SortColumns,
): ListQuery {
  const message = 'is not known; the parameters are limit and cursor';
  const faults = Object.keys(unknown).map((field) => ({ field, message }));
  if (faults.length > 0) throw new InvalidRequest(faults);
  return parseListQuery({ limit, cursor, sort }, sortColumns);
}

/** @returns a text that is the same for equal queries, and differs for different ones: the field in the cached list */
export function listQueryKey({ limit, sort, descending, search, after }: ListQuery): string {
  const cursor = after === undefined ? '' : `&cursor=${encodeURIComponent(after.value)},${after.id}`;
  const q = search.map((spellings) => encodeURIComponent(spellings.join(' '))).join('+');
  return `sort=${descending ? '-' : ''}${sort}&limit=${limit}${q && `&q=${q}`}${cursor}`;
}

/** @returns the cursor of the page after a position; clients must not rely on its form */
export function encodeCursor({ sort, descending }: ListQuery, { value, id }: Position): string {
  return Buffer.from(JSON.stringify([(descending ? '-' : '') + sort, value, id])).toString('base64url');
}

/** @returns null when the text is not a cursor, or belongs to another sort */
function decodeCursor(cursor: string, sort: string): Position | null {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return null;
  }
  if (!Array.isArray(parts) || parts.length !== 3) return null;
  const [ownSort, value, id] = parts as unknown[];
  if (ownSort !== sort || typeof id !== 'number' || !Number.isSafeInteger(id)) return null;
  const expected = ['id', '-id', bestMatch].includes(sort) ? 'number' : 'string';
  if (typeof value !== expected || (typeof value !== 'string' && typeof value !== 'number')) return null;
  // PostgreSQL takes no text with such characters, and no list has one.
  if (typeof value === 'string' && (!value.isWellFormed() || value.includes('\0'))) return null;
  return { value, id };
}

/** @returns `a, b or c` */
function listOf(words: readonly string[], conjunction: string): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} ${conjunction} ${words.at(-1)}`;
}
