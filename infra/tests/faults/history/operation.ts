/** The history of a fault run: every request of every client, with its times and its response. */

/** A user as a response showed it. */
export interface SeenUser {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly version: number;
}

/** A page of a list as a response showed it. */
export interface SeenList {
  readonly query: SeenQuery;
  readonly users: readonly SeenUser[];
  readonly total: number;
  readonly next: string | null;
}

/** The query of a page. */
export interface SeenQuery {
  readonly limit: number;
  /** The `sort` parameter: a field, with - in front for descending. */
  readonly sort: string;
  readonly q: string;
  /** The id of the last user on the page before; undefined on the first page. */
  readonly after: number | undefined;
}

/** The kind of a request. */
export type Kind = 'create' | 'replace' | 'patch' | 'delete' | 'get' | 'list';

/** The values of a create, replace or patch. The name ends in a tag that no other write has. */
export interface Written {
  readonly tag: string;
  readonly name: string;
  /** Undefined for a patch that does not change the e-mail. */
  readonly email: string | undefined;
}

/** One request and its result. Times are on the clock of the run (ms). */
export interface Operation {
  readonly kind: Kind;
  readonly client: string;
  readonly start: number;
  /** Infinity when no response came: the request may take effect at any time after its start. */
  readonly end: number;
  /**
   * ok: the request took effect. refused: it had no effect. unknown: it may have had an effect, or have it later.
   */
  readonly outcome: 'ok' | 'refused' | 'unknown';
  /** Undefined when no response came. */
  readonly status: number | undefined;
  /** The response's X-Cache. */
  readonly cache?: string | undefined;
  /** Why no response came. */
  readonly fault?: string | undefined;
  /** The id in the path of a get, replace, patch or delete. */
  readonly id?: number | undefined;
  readonly written?: Written | undefined;
  /** The version in If-Match. */
  readonly ifMatch?: number | undefined;
  /** The Idempotency-Key. Requests with the same key are attempts of one write. */
  readonly key?: string | undefined;
  /** The user in the response. */
  readonly user?: SeenUser | undefined;
  /** The version that a response without a user names: a 304 or a 412. */
  readonly version?: number | undefined;
  readonly list?: SeenList | undefined;
}

/** An operation that breaks a promise. */
export interface Violation {
  readonly rule: string;
  readonly message: string;
  readonly operation: Operation;
  /** The operation that it contradicts, where it is one. */
  readonly against?: Operation | undefined;
}

/** @returns one line with the request, its times and its response */
export function describeOperation(operation: Operation): string {
  const { kind, client, start, end, id, written, ifMatch, key, status, cache, fault, user, version, list } = operation;
  const parts = [
    `[${start.toFixed(2)}–${Number.isFinite(end) ? end.toFixed(2) : '?'} ms] ${client}: ${kind}`,
    id === undefined ? '' : `user ${id}`,
    written === undefined ? '' : `"${written.name}"${written.email === undefined ? '' : ` <${written.email}>`}`,
    ifMatch === undefined ? '' : `if version ${ifMatch}`,
    key === undefined ? '' : `key ${key}`,
    list === undefined ? '' : describeQuery(list.query),
    `→ ${status ?? fault ?? 'no response'}`,
    user === undefined ? '' : `user ${user.id} version ${user.version} "${user.name}"`,
    version === undefined ? '' : `version ${version}`,
    list === undefined ? '' : `[${list.users.map((seen) => `${seen.id}:v${seen.version}`).join(' ')}] of ${list.total}`,
    cache === undefined ? '' : `(${cache})`,
  ];
  return parts.filter((part) => part !== '').join(' ');
}

function describeQuery({ limit, sort, q, after }: SeenQuery): string {
  return `limit ${limit} sort ${sort}${q === '' ? '' : ` q ${q}`}${after === undefined ? '' : ` after ${after}`}`;
}
