/** The steps of a job (check, import, undo), each for one batch of rows. */
import type { Result } from '../../../lib/api-client.ts';
import { mapConcurrently } from '../../../lib/concurrency.ts';
import { askUntilAnswered, Interrupted, type Waiting } from './answered.ts';
import type { BatchRequests, BatchResult, BatchUser } from './batch-requests.ts';
import type { CheckResult, ImportResult, ImportRow, UndoResult } from './job.ts';

const concurrency = 6;

/** The API, and how a step waits for it. */
export interface StepContext {
  requests: BatchRequests;
  waiting: Waiting;
}

/**
 * Asks the API about the rows, also about those with a fault: an existing user may have a text that the rules refuse for a new
 * one. Nothing is written.
 */
export async function checkBatch(rows: ImportRow[], { requests, waiting }: StepContext): Promise<CheckResult[]> {
  const asked = rows.filter((row) => !faultOf(row));
  const answers = new Map(await zip(asked, (users) => askUntilAnswered(() => requests.validate(users), waiting)));
  return rows.map((row) => faultOf(row) ?? checkResultOf(answers.get(row)));
}

/** @returns the result of a row that no user can have: the API has never accepted an empty or a longer text */
function faultOf(row: ImportRow): CheckResult | undefined {
  const faults = [row.nameFault, row.emailFault];
  if (faults.includes('required') || faults.includes('tooLong')) return { kind: 'faulty' };
  if (row.twiceOf === undefined) return undefined;
  return { kind: row.emailFault ? 'faulty' : 'twice' };
}

function checkResultOf(answer: BatchResult | undefined): CheckResult {
  if (answer?.status === 201) return { kind: 'created' };
  if (answer?.status === 200 && answer.id !== undefined) {
    const { id, previous } = answer;
    return previous ? { kind: 'existing', id, name: previous.name } : { kind: 'same', id };
  }
  // The API finds equal addresses in one request that the site takes for different ones.
  return answer?.status === 409 ? { kind: 'twice' } : { kind: 'faulty', errors: answer?.errors };
}

/**
 * Writes the rows that the check found to be importable. Users that appeared after the check are refused and not updated,
 * because the reader has not seen that they exist.
 * @param key begins the Idempotency-Keys, and belongs to this batch of this job alone
 * @param updates whether existing users get the values of the file
 * @param isRepeated whether the API may have written the batch before. It forgets keys after a time, and rows that it wrote
 *   then look as if somebody else had
 */
export async function importBatch(
  rows: ImportRow[],
  checks: CheckResult[],
  { key, updates, isRepeated }: { key: string; updates: boolean; isRepeated: boolean },
  { requests, waiting }: StepContext,
): Promise<ImportResult[]> {
  const rowsOf = (kind: CheckResult['kind']) => rows.filter((_, index) => checks[index]?.kind === kind);
  const imported = new Map<ImportRow, ImportResult>();
  const write = async (kind: 'created' | 'existing', existing: 'refuse' | 'update') => {
    let hasForgotten = false;
    const answers = await zip(rowsOf(kind), async (users) => {
      const answer = await askUntilAnswered(() => requests.write(users, existing, `${key}-${existing}`), waiting);
      hasForgotten = isRepeated && !answer.isReplayed;
      return answer;
    });
    for (const [row, answer] of answers) if (answer) imported.set(row, importResultOf(row, answer, hasForgotten));
  };
  await write('created', 'refuse');
  try {
    if (updates) await write('existing', 'update');
  } catch (error) {
    // No result of the batch is stored, but the API has written a part of it.
    if (error instanceof Interrupted && imported.size > 0) throw new Interrupted(error.reason, true);
    throw error;
  }
  return rows.map((row) => imported.get(row) ?? { kind: 'left' });
}

/** @param hasForgotten whether the API has forgotten an earlier request that may have written the row */
function importResultOf(row: ImportRow, answer: BatchResult, hasForgotten: boolean): ImportResult {
  const { status, id, version, previous, errors } = answer;
  if (hasForgotten && (status === 409 || (status === 200 && !previous))) {
    return { kind: 'refused', status, isForgotten: true };
  }
  if (id !== undefined && version !== undefined) {
    if (status === 201) return { kind: 'created', id, version };
    // Without earlier values the user has become equal to the row since the check.
    const { name, email } = previous ?? row;
    if (status === 200) return { kind: 'updated', id, version, previous: { name, email } };
  }
  return { kind: 'refused', status, errors };
}

/**
 * Deletes the users that the batch created, and gives the others their earlier values, unless somebody changed or deleted them. Since
 * a backup may have been restored, the same id and version can be another user by now, so the values of the rows count, too.
 * @param key the Idempotency-Key of the deletion: a request whose answer was lost must not count users as deleted by others
 */
export async function undoBatch(
  rows: ImportRow[],
  results: ImportResult[],
  key: string,
  context: StepContext,
): Promise<UndoResult[]> {
  const { requests, waiting } = context;
  const rowOf = new Map(results.map((result, index) => [result, rows[index] as ImportRow]));
  const created = results.filter((result) => result.kind === 'created');
  const updated = results.filter((result) => result.kind === 'updated');
  const undone = new Map<ImportResult, UndoResult>();
  if (created.length > 0) {
    const users = created.map((result) => {
      const { id, version } = result;
      return { id, version, email: (rowOf.get(result) as ImportRow).email };
    });
    const answer = await askUntilAnswered(() => requests.remove(users, key), waiting);
    for (const [index, result] of created.entries()) {
      const status = answer.results[index]?.status ?? 0;
      undone.set(result, { kind: status >= 200 && status < 300 ? 'deleted' : 'kept', id: result.id });
    }
  }
  await mapConcurrently(updated, concurrency, async (result) =>
    undone.set(result, await restore(rowOf.get(result) as ImportRow, result, context)),
  );
  return results.map((result) => undone.get(result) ?? { kind: isForgotten(result) ? 'kept' : 'none' });
}

/** @returns whether nobody knows any more if the import wrote the row */
function isForgotten(result: ImportResult): boolean {
  return result.kind === 'refused' && result.isForgotten === true;
}

async function restore(
  row: ImportRow,
  { id, version, previous }: ImportResult & { kind: 'updated' },
  { requests, waiting }: StepContext,
): Promise<UndoResult> {
  const isRestored = await askUntilAnswered(async (): Promise<Result<boolean>> => {
    const current = await requests.get(id);
    if (!current.ok) return isRefused(current, [404]) ? answerOf(false) : current;
    const user = current.answer.body;
    // A request whose answer was lost has restored the user already.
    if (hasValues(user, previous)) return answerOf(true);
    if (user.version !== version || !hasValues(user, row)) return answerOf(false);
    const result = await requests.restore(id, version, previous);
    if (result.ok) return answerOf(true);
    return isRefused(result, [400, 404, 409, 412, 422]) ? answerOf(false) : result;
  }, waiting);
  return { kind: isRestored ? 'restored' : 'kept', id };
}

/** @returns what the API's answers mean: whether the user has the earlier values */
function answerOf(isRestored: boolean): Result<boolean> {
  return { ok: true, answer: { body: isRestored, status: 200, headers: new Headers(), milliseconds: 0 } };
}

function hasValues(user: BatchUser, { name, email }: BatchUser): boolean {
  return user.name === name && user.email === email;
}

function isRefused(result: Result<unknown>, statuses: number[]): boolean {
  return !result.ok && result.failure.kind === 'problem' && statuses.includes(result.failure.status);
}

/** Sends the users of rows, and pairs each row with its result. No request is sent for no rows. */
async function zip(
  rows: ImportRow[],
  send: (users: BatchUser[]) => Promise<{ results: BatchResult[] }>,
): Promise<[ImportRow, BatchResult | undefined][]> {
  if (rows.length === 0) return [];
  const { results } = await send(rows.map(({ name, email }) => ({ name, email })));
  return rows.map((row, index) => [row, results[index]]);
}
