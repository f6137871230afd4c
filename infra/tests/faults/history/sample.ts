/** Builds histories for the tests of the checker. A user's name is `amber` and the tag of its write. */
import type { Operation, SeenQuery, SeenUser, Written } from './operation.ts';

type Times = readonly [start: number, end: number];

const born = '2026-01-01T00:00:00.000Z';
const whole: SeenQuery = { limit: 1000, sort: 'id', q: '', after: undefined };

/** The user that the write with a tag leaves. */
export function seen(id: number, version: number, tag: string, fields: Partial<SeenUser> = {}): SeenUser {
  const { name } = written(tag);
  return { id, version, name, email: `${tag}@example.com`, createdAt: born, updatedAt: tag, ...fields };
}

/** The values of the write with a tag. */
export function written(tag: string): Written {
  return { tag, name: `amber ${tag}`, email: `${tag}@example.com` };
}

/** A create that succeeded. */
export function create(times: Times, id: number, tag: string, fields: Partial<Operation> = {}): Operation {
  return operation('create', times, 201, { written: written(tag), user: seen(id, 1, tag), ...fields });
}

/** A replace that succeeded. @param version the version that it makes */
export function replace(
  times: Times,
  id: number,
  version: number,
  tag: string,
  fields: Partial<Operation> = {},
): Operation {
  return operation('replace', times, 200, { id, written: written(tag), user: seen(id, version, tag), ...fields });
}

/** A write without a response. */
export function unanswered(start: number, fields: Pick<Operation, 'kind'> & Partial<Operation>): Operation {
  const times: Times = [start, Number.POSITIVE_INFINITY];
  return operation(fields.kind, times, undefined, { outcome: 'unknown', fault: 'ECONNRESET', ...fields });
}

/** A delete that succeeded. */
export function remove(times: Times, id: number, fields: Partial<Operation> = {}): Operation {
  return operation('delete', times, 204, { id, ...fields });
}

/** A read that found the user. */
export function read(times: Times, user: SeenUser): Operation {
  return operation('get', times, 200, { id: user.id, user });
}

/** A read that answered 404. */
export function miss(times: Times, id: number): Operation {
  return operation('get', times, 404, { id, outcome: 'refused' });
}

/** A page without a next one. */
export function list(
  times: Times,
  users: readonly SeenUser[],
  query: Partial<SeenQuery> = {},
  total = users.length,
): Operation {
  return operation('list', times, 200, { list: { query: { ...whole, ...query }, users, total, next: null } });
}

/** The content of the database at the end. */
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
