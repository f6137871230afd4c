/** What the clients of a fault run record: every request, when it began and ended, and what it learnt. */

export interface SeenUser {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly version: number;
}

export interface SeenList {
  readonly query: SeenQuery;
  readonly users: readonly SeenUser[];
  readonly total: number;
  readonly next: string | null;
}

export interface SeenQuery {
  readonly limit: number;
  /** As in the address: a field, with - in front for descending. */
  readonly sort: string;
  readonly q: string;
  /** The id of the last user on the page before; undefined on the first page. */
  readonly after: number | undefined;
}

export type Kind = 'create' | 'replace' | 'patch' | 'delete' | 'get' | 'list';

/** What a create, replace or patch writes. Every write's name ends in a tag that no other write has. */
export interface Written {
  readonly tag: string;
  readonly name: string;
  /** Undefined where a patch leaves it as it is. */
  readonly email: string | undefined;
}

export interface Operation {
  readonly kind: Kind;
  readonly client: string;
  /** Milliseconds on the clock of the whole run. */
  readonly start: number;
  /** Infinity when no answer came: the request may take effect at any time after its start. */
  readonly end: number;
  /**
   * ok: it took effect, and the answer says so. refused: it had none. unknown: it may have had one, or may yet.
   */
  readonly outcome: 'ok' | 'refused' | 'unknown';
  /** Undefined when no answer came. */
  readonly status: number | undefined;
  /** The answer's X-Cache. */
  readonly cache?: string | undefined;
  /** What went wrong, when no answer came. */
  readonly fault?: string | undefined;
  /** The user that a get, replace, patch or delete is about. */
  readonly id?: number | undefined;
  readonly written?: Written | undefined;
  /** Version that If-Match named. */
  readonly ifMatch?: number | undefined;
  /** Idempotency-Key. Requests with the same one are attempts of one write. */
  readonly key?: string | undefined;
  /** The user that the answer showed. */
  readonly user?: SeenUser | undefined;
  /** The version that an answer without a user named: 304 and 412. */
  readonly version?: number | undefined;
  readonly list?: SeenList | undefined;
}

/** A contradiction in a history. */
export interface Violation {
  readonly rule: string;
  readonly message: string;
  readonly operation: Operation;
  /** What it contradicts, where that is one other operation. */
  readonly against?: Operation | undefined;
}

/** @returns one line that tells what was asked, when, and what came back */
export function describeOperation(operation: Operation): string {
  const { kind, client, start, end, id, written, ifMatch, key, status, cache, fault, user, version, list } = operation;
  const parts = [
    `[${start.toFixed(2)}–${Number.isFinite(end) ? end.toFixed(2) : '?'} ms] ${client}: ${kind}`,
    id === undefined ? '' : `user ${id}`,
    written === undefined ? '' : `"${written.name}"${written.email === undefined ? '' : ` <${written.email}>`}`,
    ifMatch === undefined ? '' : `if version ${ifMatch}`,
    key === undefined ? '' : `key ${key}`,
    list === undefined ? '' : describeQuery(list.query),
    `→ ${status ?? fault ?? 'no answer'}`,
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
