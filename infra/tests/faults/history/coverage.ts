/** Which users a page of a list must contain, and in which order. */
import type { SeenList, SeenUser } from './operation.ts';

/**
 * Tells whether a page must contain a user if that user exists, whatever its name and e-mail are. No page of a search
 * must, and no part of a list whose order can change.
 */
export function coveredBy({ query, users, next }: SeenList, id: number): boolean {
  if (query.q !== '') return false;
  const { sort, after } = query;
  if (after === undefined && next === null) return true;
  const last = users.at(-1)?.id;
  if (sort === 'id') return id > (after ?? 0) && (next === null || (last !== undefined && id < last));
  if (sort === '-id') {
    return id < (after ?? Number.POSITIVE_INFINITY) && (next === null || (last !== undefined && id > last));
  }
  return false;
}

/** @returns whether a user matches the search of a query */
export function matchesSearch({ name, email }: Pick<SeenUser, 'name' | 'email'>, q: string): boolean {
  const text = q.toLowerCase();
  return name.toLowerCase().includes(text) || email.toLowerCase().includes(text);
}

/** @returns a comparison for sorting: negative when the first user comes first */
export function compareBy(sort: string): (one: SeenUser, other: SeenUser) => number {
  const descending = sort.startsWith('-');
  const field = (descending ? sort.slice(1) : sort) as 'id' | 'name' | 'email' | 'createdAt';
  return (one, other) => {
    const order = compare(one[field], other[field]) || one.id - other.id;
    return descending ? -order : order;
  };
}

function compare(one: string | number, other: string | number): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  const [first, second] = [String(one).toLowerCase(), String(other).toLowerCase()];
  if (first === second) return 0;
  return first < second ? -1 : 1;
}
