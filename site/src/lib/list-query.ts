/** The query of the list: its search, order and page, as in the address of the list and in the API's. */

/** The columns that can be sorted by, under the API's names. */
export const columns = ['id', 'name', 'email', 'createdAt'] as const;
/** A column that can be sorted by. */
export type Column = (typeof columns)[number];
/** The order of a search whose reader chose none. */
const bestMatch = 'bestMatch';

/** The page sizes to choose from. */
export const pageSizes = [25, 50, 100, 250, 500] as const;
/** The page size where the address names none. */
export const defaultSize = 100;

/** How many earlier cursors the address keeps, so that readers without JavaScript can page backwards. */
const maxTrailCursors = 20;
/** A cursor holds the value that it sorts by and can be long. Proxies refuse addresses of several thousand characters. */
const maxTrailCharacters = 2_000;

/** The state of the list. `limit` is the page size, `page` the number to show, from 1. */
export interface ListQuery {
  q: string;
  sort: Column | typeof bestMatch;
  descending: boolean;
  limit: number;
  cursor: string | undefined;
  /** Cursors of the pages before this one, oldest first; '' is the first page. */
  trail: string[];
  page: number;
}

/** The first page of all users, in the default order. */
export const firstQuery: ListQuery = {
  q: '',
  sort: 'id',
  descending: false,
  limit: defaultSize,
  cursor: undefined,
  trail: [],
  page: 1,
};

/** Reads an address. Invalid values fall back to the default; the API itself judges `cursor` and `q`. */
export function parseQuery(parameters: URLSearchParams): ListQuery {
  const sort = parameters.get('sort') ?? '';
  const column = columns.find((name) => name === sort.replace(/^-/, ''));
  const limit = Number(parameters.get('limit'));
  const page = Number(parameters.get('page'));
  const cursor = parameters.get('cursor') || undefined;
  const q = parameters.get('q')?.trim() ?? '';
  return {
    q,
    sort: column ?? defaultSort(q),
    descending: column !== undefined && sort.startsWith('-'),
    limit: Number.isInteger(limit) && limit >= 1 && limit <= 1000 ? limit : defaultSize,
    cursor,
    trail: cursor === undefined ? [] : shorten(parameters.get('trail')?.split('~') ?? []),
    page: cursor !== undefined && Number.isSafeInteger(page) && page > 1 ? page : cursor === undefined ? 1 : 2,
  };
}

/** @returns the query of the list's address, with `?`, without the values that are the default */
export function writeQuery(query: ListQuery): string {
  const parameters = new URLSearchParams();
  if (query.q !== '') parameters.set('q', query.q);
  if (chosenSort(query) !== '') parameters.set('sort', chosenSort(query));
  if (query.limit !== defaultSize) parameters.set('limit', String(query.limit));
  if (query.cursor !== undefined) {
    parameters.set('cursor', query.cursor);
    parameters.set('page', String(query.page));
    if (query.trail.length > 0) parameters.set('trail', query.trail.join('~'));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

/** @returns the query of the API's GET /users, without `?` */
export function apiQuery(query: ListQuery): string {
  const parameters = new URLSearchParams({ limit: String(query.limit) });
  if (query.q !== '') parameters.set('q', query.q);
  if (chosenSort(query) !== '') parameters.set('sort', chosenSort(query));
  if (query.cursor !== undefined) parameters.set('cursor', query.cursor);
  return parameters.toString();
}

/** @returns the API's sort parameter, where `-` before the column means descending; empty for the order that needs none */
export function chosenSort({ q, sort, descending }: Pick<ListQuery, 'q' | 'sort' | 'descending'>): string {
  if (sort === defaultSort(q) && !descending) return '';
  return descending ? `-${sort}` : sort;
}

function defaultSort(q: string): ListQuery['sort'] {
  return q === '' ? 'id' : bestMatch;
}

/** @returns the first page of the changed query: a cursor belongs to one search and one order */
export function changed(query: ListQuery, change: Partial<ListQuery>): ListQuery {
  return { ...query, cursor: undefined, trail: [], page: 1, ...change };
}

/** @param next the cursor that the API gave for the next page */
export function nextPage(query: ListQuery, next: string): ListQuery {
  return {
    ...query,
    cursor: next,
    trail: shorten([...query.trail, query.cursor ?? '']),
    page: query.page + 1,
  };
}

/** Drops the oldest cursors until the trail fits into an address. */
function shorten(trail: string[]): string[] {
  const kept = trail.slice(-maxTrailCursors);
  while (kept.join('~').length > maxTrailCharacters) kept.shift();
  return kept;
}

/** @returns undefined on the first page, and where the trail was shortened */
export function previousPage(query: ListQuery): ListQuery | undefined {
  const before = query.trail.at(-1);
  if (before === undefined) return undefined;
  if (before === '') return changed(query, {});
  return { ...query, cursor: before, trail: query.trail.slice(0, -1), page: Math.max(2, query.page - 1) };
}
