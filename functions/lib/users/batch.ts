/** Creates and updates many users in one request, with a result for each row. */
import type { Static } from 'typebox';
import type { MaybePromise } from '../database/engine.ts';
import { type FieldFault, InvalidRequest } from '../errors.ts';
import { itemProblem } from '../http/problem.ts';
import { acceptChange } from './accept.ts';
import type { UserBatchResult } from './batch-schema.ts';
import type { KeyedUser } from './repository.ts';
import type { User, UserInput } from './types.ts';
import { EmailTaken } from './user-errors.ts';

/** The result of creating or updating the user of one row. With validateOnly, the result that the row would have. */
export type BatchResult = Static<typeof UserBatchResult>;

/** A user with the comparable form of its e-mail. */
export interface KeyedInput {
  readonly user: UserInput;
  readonly emailKey: string;
}

/**
 * A row of the request: a user, or the faults of the row. An existing user keeps texts that break the rules for new ones, so a
 * row with such texts may still be an update: `replacement`.
 */
export type BatchRow =
  | KeyedInput
  | { readonly value: unknown; readonly errors: readonly FieldFault[]; readonly replacement?: KeyedInput };

/** A request whose rows are checked. */
export interface UserBatch {
  readonly rows: readonly BatchRow[];
  readonly existing: 'refuse' | 'update';
  readonly validateOnly: boolean;
}

/** Writes users inside the transaction of the batch. */
export interface BatchWriter {
  /** @param users have e-mails that no other user has */
  create(users: readonly UserInput[]): MaybePromise<readonly User[]>;
  update(id: number, user: UserInput): MaybePromise<User>;
}

/** Users from before the comparison of today may share an e-mail. */
const sharedDetail = 'Several users have this e-mail; change or delete all but one of them first.';
const { name: takenName, message: takenDetail } = new EmailTaken();

/** @returns the distinct keys of the e-mails of all rows that have one */
export function emailKeysOf(rows: readonly BatchRow[]): string[] {
  const keys = rows.map((row) => ('user' in row ? row.emailKey : row.replacement?.emailKey));
  return [...new Set(keys.filter((key) => key !== undefined))];
}

/**
 * Decides what happens to each row, and lets the writer do it. New users are created together, after the updates.
 * @param owners the users that have the e-mails of the rows
 * @param writer undefined when nothing shall be written
 * @returns one result for each row, in the same order
 */
export async function runBatch(
  { rows, existing }: UserBatch,
  owners: readonly KeyedUser[],
  writer: BatchWriter | undefined,
): Promise<BatchResult[]> {
  const ownerOf = new Map(owners.map((owner) => [owner.emailKey, owner]));
  const shared = new Set(
    owners.filter((owner) => ownerOf.get(owner.emailKey) !== owner).map((owner) => owner.emailKey),
  );
  /** The index of the row that writes the user with this e-mail. */
  const writtenBy = new Map<string, number>();
  const newUsers = new Map<number, UserInput>();
  const repeated = new Map<number, number>();
  const results: BatchResult[] = [];
  for (const [index, row] of rows.entries()) results.push(await runRow(row, index));
  const created = writer && newUsers.size > 0 ? await writer.create([...newUsers.values()]) : [];
  for (const [at, index] of [...newUsers.keys()].entries()) {
    const user = created[at];
    if (user !== undefined) results[index] = { status: 201, id: user.id, version: user.version };
  }
  for (const [index, earlier] of repeated) results[index] = refusedRepeat(earlier, results[earlier]);
  return results;

  async function runRow(given: BatchRow, index: number): Promise<BatchResult> {
    const row =
      'user' in given ? given : existing === 'update' ? acceptReplacement(given.replacement, ownerOf) : undefined;
    if (row === undefined) return { status: 400, errors: 'errors' in given ? [...given.errors] : [] };
    const earlier = writtenBy.get(row.emailKey);
    if (earlier !== undefined) {
      repeated.set(index, earlier);
      return { status: 409 };
    }
    const owner = ownerOf.get(row.emailKey);
    if (owner !== undefined && existing === 'refuse') return refused(takenName, takenDetail, owner.id);
    if (shared.has(row.emailKey)) return refused('EmailShared', sharedDetail, owner?.id);
    writtenBy.set(row.emailKey, index);
    if (owner !== undefined) return updated(owner, row.user, writer);
    newUsers.set(index, row.user);
    return { status: 201 };
  }
}

/** @returns the row as an update of its owner; undefined if there is no owner, or a new text breaks the rules */
function acceptReplacement(
  row: KeyedInput | undefined,
  ownerOf: ReadonlyMap<string, KeyedUser>,
): KeyedInput | undefined {
  const owner = row && ownerOf.get(row.emailKey);
  if (!owner) return undefined;
  try {
    return { user: acceptChange(owner, row.user), emailKey: row.emailKey };
  } catch (error) {
    if (error instanceof InvalidRequest) return undefined;
    throw error;
  }
}

/** A user that the row would not change keeps its version, so that a second import of a file changes nothing. */
async function updated(owner: KeyedUser, user: UserInput, writer: BatchWriter | undefined): Promise<BatchResult> {
  const { id, name, email, version } = owner;
  if (name === user.name && email === user.email) return { status: 200, id, version };
  const next = writer === undefined ? version + 1 : (await writer.update(id, user)).version;
  return { status: 200, id, version: next, previous: { name, email, version } };
}

function refused(errorName: string, detail: string, id: number | undefined): BatchResult {
  return { status: 409, ...itemProblem({ name: errorName, message: detail }), ...(id !== undefined && { id }) };
}

function refusedRepeat(earlier: number, result: BatchResult | undefined): BatchResult {
  return refused('EmailRepeated', `The row users[${earlier}] of this request has the same e-mail.`, result?.id);
}
