/**
 * The parameters of a list, and the cursor that leads from one page to the next.
 */
import { type FieldFault, InvalidRequest } from '../errors.ts';
import { fold, isPlainText, lengthOf } from './text.ts';

/** What a list can be sorted by: the parameter's word, and the column that holds it in comparable form. */
export const sortColumns = { id: 'id', name: 'name_key', email: 'email_key', createdAt: 'created_at' } as const;
export type SortField = keyof typeof sortColumns;

export interface ListQuery {
  /** Users per page, 1 to 1000. */
  readonly limit: number;
  readonly sort: SortField;
  readonly descending: boolean;
  /** The text that name or e-mail contain, folded; empty for all users. */
  readonly search: string;
  /** Where the page before ended; undefined for the first one. */
  readonly after: Position | undefined;
}

/** The last user of a page: its sorted value, and its id for those that share the value. */
export interface Position {
  readonly value: string | number;
  readonly id: number;
}

type Parameters = Readonly<Record<string, string | undefined>>;

const maxSearchLength = 100;

/** @throws {InvalidRequest} naming each wrong parameter */
export function parseListQuery(parameters: Parameters): ListQuery {
  const faults: FieldFault[] = [];
  const { limit = '100', sort = 'id', q = '', cursor = '' } = parameters;
  if (!/^[1-9]\d{0,3}$/.test(limit) || Number(limit) > 1000) {
    faults.push({ field: 'limit', message: 'must be a whole number from 1 to 1000' });
  }
  const descending = sort.startsWith('-');
  const field = descending ? sort.slice(1) : sort;
  if (!isSortField(field)) {
    faults.push({
      field: 'sort',
      message: 'must be id, name, email or createdAt, with - in front for descending order',
    });
  }
  const text = q.trim();
  if (lengthOf(text) > maxSearchLength) {
    faults.push({ field: 'q', message: `must have at most ${maxSearchLength} characters` });
  } else if (!isPlainText(text)) {
    faults.push({ field: 'q', message: 'must not contain control characters' });
  }
  const after = cursor === '' ? undefined : decodeCursor(cursor, sort);
  if (after === null) faults.push({ field: 'cursor', message: 'must be the `next` of a page with the same sort' });
  if (faults.length > 0 || after === null || !isSortField(field)) throw new InvalidRequest(faults);
  return { limit: Number(limit), sort: field, descending, search: fold(text), after };
}

/** @returns a text that is the same for the same page of the same list, and for no other */
export function listQueryKey({ limit, sort, descending, search, after }: ListQuery): string {
  const cursor = after === undefined ? '' : `&cursor=${encodeURIComponent(after.value)},${after.id}`;
  const q = search === '' ? '' : `&q=${encodeURIComponent(search)}`;
  return `sort=${descending ? '-' : ''}${sort}&limit=${limit}${q}${cursor}`;
}

/** @returns the cursor that continues after a position; clients don't look into it */
export function encodeCursor({ sort, descending }: ListQuery, { value, id }: Position): string {
  return Buffer.from(JSON.stringify([(descending ? '-' : '') + sort, value, id])).toString('base64url');
}

/** @returns null when it is no cursor, or one of another sort */
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
  const expected = sort === 'id' || sort === '-id' ? 'number' : 'string';
  if (typeof value !== expected || (typeof value !== 'string' && typeof value !== 'number')) return null;
  if (typeof value === 'string' && !value.isWellFormed()) return null;
  return { value, id };
}

function isSortField(field: string): field is SortField {
  return Object.hasOwn(sortColumns, field);
}
