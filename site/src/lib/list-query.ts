/** The list's state, as it stands in the page's address. */

export const columns = ['id', 'name', 'email', 'createdAt'] as const;
export type Column = (typeof columns)[number];

export const pageSizes = [25, 50, 100, 250, 500] as const;
export const defaultSize = 100;

/** Earlier cursors that the address keeps, so that one can go back page by page without JavaScript. */
const trailLength = 20;
/** Cursors hold what they sort by, so some are long; addresses of more than some thousand characters get refused. */
const trailCharacters = 2_000;

export interface ListQuery {
  q: string;
  sort: Column;
  descending: boolean;
  limit: number;
  cursor: string | undefined;
  /** Cursors of the pages before this one, oldest first; '' is the first page. */
  trail: string[];
  page: number;
}

export const firstQuery: ListQuery = {
  q: '',
  sort: 'id',
  descending: false,
  limit: defaultSize,
  cursor: undefined,
  trail: [],
  page: 1,
};

/** Reads an address. What makes no sense is taken as not said, but a cursor or a q is passed on for the API to judge. */
export function parseQuery(parameters: URLSearchParams): ListQuery {
  const sort = parameters.get('sort') ?? '';
  const column = columns.find((name) => name === sort.replace(/^-/, ''));
  const limit = Number(parameters.get('limit'));
  const page = Number(parameters.get('page'));
  const cursor = parameters.get('cursor') || undefined;
  return {
    q: parameters.get('q')?.trim() ?? '',
    sort: column ?? 'id',
    descending: column !== undefined && sort.startsWith('-'),
    limit: Number.isInteger(limit) && limit >= 1 && limit <= 1000 ? limit : defaultSize,
    cursor,
    trail: cursor === undefined ? [] : shorten(parameters.get('trail')?.split('~') ?? []),
    page: cursor !== undefined && Number.isSafeInteger(page) && page > 1 ? page : cursor === undefined ? 1 : 2,
  };
}

/** The address' query for a state: only what differs from the first page of everything. */
export function writeQuery(query: ListQuery): string {
  const parameters = new URLSearchParams();
  if (query.q !== '') parameters.set('q', query.q);
  if (query.sort !== 'id' || query.descending) parameters.set('sort', sortText(query));
  if (query.limit !== defaultSize) parameters.set('limit', String(query.limit));
  if (query.cursor !== undefined) {
    parameters.set('cursor', query.cursor);
    parameters.set('page', String(query.page));
    if (query.trail.length > 0) parameters.set('trail', query.trail.join('~'));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

/** What the API is asked for a state. */
export function apiQuery(query: ListQuery): string {
  const parameters = new URLSearchParams({ limit: String(query.limit) });
  if (query.q !== '') parameters.set('q', query.q);
  if (query.sort !== 'id' || query.descending) parameters.set('sort', sortText(query));
  if (query.cursor !== undefined) parameters.set('cursor', query.cursor);
  return parameters.toString();
}

export function sortText({ sort, descending }: Pick<ListQuery, 'sort' | 'descending'>): string {
  return descending ? `-${sort}` : sort;
}

/** The first page with something about it changed. */
export function changed(query: ListQuery, change: Partial<ListQuery>): ListQuery {
  return { ...query, cursor: undefined, trail: [], page: 1, ...change };
}

export function nextPage(query: ListQuery, next: string): ListQuery {
  return {
    ...query,
    cursor: next,
    trail: shorten([...query.trail, query.cursor ?? '']),
    page: query.page + 1,
  };
}

/** As much of the way back as an address can hold. */
function shorten(trail: string[]): string[] {
  const kept = trail.slice(-trailLength);
  while (kept.join('~').length > trailCharacters) kept.shift();
  return kept;
}

/** The page before, or nothing on the first page and where the trail has been cut. */
export function previousPage(query: ListQuery): ListQuery | undefined {
  const before = query.trail.at(-1);
  if (before === undefined) return undefined;
  if (before === '') return changed(query, {});
  return { ...query, cursor: before, trail: query.trail.slice(0, -1), page: Math.max(2, query.page - 1) };
}
