/** Histories made by hand, for the checker's tests: users' names are `amber` and the tag of the write. */
import type { Operation, SeenQuery, SeenUser, Written } from './operation.ts';

type Times = readonly [start: number, end: number];

const born = '2026-01-01T00:00:00.000Z';
const whole: SeenQuery = { limit: 1000, sort: 'id', q: '', after: undefined };

/** A user as the write with that tag left it. */
export function seen(id: number, version: number, tag: string, fields: Partial<SeenUser> = {}): SeenUser {
  const { name } = written(tag);
  return { id, version, name, email: `${tag}@example.com`, createdAt: born, updatedAt: tag, ...fields };
}

export function written(tag: string): Written {
  return { tag, name: `amber ${tag}`, email: `${tag}@example.com` };
}

export function create(times: Times, id: number, tag: string, fields: Partial<Operation> = {}): Operation {
  return operation('create', times, 201, { written: written(tag), user: seen(id, 1, tag), ...fields });
}

/** @param version that the change makes */
export function replace(
  times: Times,
  id: number,
  version: number,
  tag: string,
  fields: Partial<Operation> = {},
): Operation {
  return operation('replace', times, 200, { id, written: written(tag), user: seen(id, version, tag), ...fields });
}

/** A write without an answer. */
export function unanswered(start: number, fields: Pick<Operation, 'kind'> & Partial<Operation>): Operation {
  const times: Times = [start, Number.POSITIVE_INFINITY];
  return operation(fields.kind, times, undefined, { outcome: 'unknown', fault: 'ECONNRESET', ...fields });
}

export function remove(times: Times, id: number, fields: Partial<Operation> = {}): Operation {
  return operation('delete', times, 204, { id, ...fields });
}

export function read(times: Times, user: SeenUser): Operation {
  return operation('get', times, 200, { id: user.id, user });
}

export function miss(times: Times, id: number): Operation {
  return operation('get', times, 404, { id, outcome: 'refused' });
}

export function list(
  times: Times,
  users: readonly SeenUser[],
  query: Partial<SeenQuery> = {},
  total = users.length,
): Operation {
  return operation('list', times, 200, { list: { query: { ...whole, ...query }, users, total, next: null } });
}

/** What the database holds in the end. */
export function database(at: number, users: readonly SeenUser[]): Operation {
  return { ...list([at, at], users), client: 'database' };
}

function operation(
  kind: Operation['kind'],
  [start, end]: Times,
  status: number | undefined,
  fields: Partial<Operation>,
): Operation {
  return { kind, client: 'client', start, end, status, outcome: 'ok', ...fields };
}
