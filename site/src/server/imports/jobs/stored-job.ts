/** Writes and reads `job.json`, also as earlier versions of the site stored it. */
import * as Type from 'typebox';
import { Compile } from 'typebox/schema';
import type { Job } from './job.ts';
import { columnKinds } from './mapping-form.ts';

/**
 * The number of the form of `job.json`. A change that makes a stored job mean something else takes the next number, and
 * `upgrade` then knows the form before. Jobs of the first versions have no number.
 */
const currentForm = 1;

/** A stored job is damaged, or a later version of the site stored it. */
class UnreadableJob extends Error {
  override name = 'UnreadableJob';
}

const Count = Type.Integer({ minimum: 0 });
const Row = Type.Object({ line: Count, cells: Type.Array(Type.String()) });

/** The members that the pages and the steps of an import rely on. */
const StoredJob = Type.Object({
  id: Type.String(),
  createdAt: Type.String(),
  client: Type.Optional(Type.String()),
  owner: Type.Optional(Type.String()),
  fileName: Type.String(),
  sheets: Type.Array(Type.String()),
  sheet: Type.Optional(Type.String()),
  mapping: Type.Object({
    headerRow: Type.Optional(Count),
    columns: Type.Array(Type.Enum([...columnKinds])),
    isConfident: Type.Boolean(),
  }),
  head: Type.Array(Row),
  columns: Count,
  emailColumns: Type.Array(Count),
  rows: Count,
  step: Type.Enum(['check', 'import', 'undo']),
  state: Type.Enum(['waiting', 'working', 'stopped', 'failed', 'done']),
  reason: Type.Optional(Type.Enum(['person', 'restart', 'refused', 'signedOut', 'disk'])),
  updates: Type.Boolean(),
  checked: Type.Object({ created: Count, existing: Count, same: Count, faulty: Count, twice: Count }),
  imported: Type.Object({ created: Count, updated: Count, refused: Count }),
  undone: Type.Object({ deleted: Count, restored: Count, kept: Count }),
  finished: Count,
  total: Count,
  uncertain: Count,
  seen: Type.Boolean(),
});

// Compiling takes milliseconds, and most starts find no job.
let validator: ReturnType<typeof Compile<typeof StoredJob>> | undefined;

/** @returns the text of `job.json` */
export function writeJob(job: Job): string {
  return JSON.stringify({ form: currentForm, ...job });
}

/**
 * @param text the text of `job.json`
 * @param id the name of the folder in which it lies
 * @throws {UnreadableJob}
 */
export function parseJob(text: string, id: string): Job {
  const { form = 0, ...stored } = parseObject(text);
  const job: unknown = form === 0 ? upgrade(stored) : stored;
  if (form !== 0 && form !== currentForm) throw new UnreadableJob(`job.json has the unknown form ${form}.`);
  validator ??= Compile(StoredJob);
  if (!validator.Check(job)) {
    const [, [error]] = validator.Errors(job);
    throw new UnreadableJob(`job.json: ${error?.instancePath || '/'} ${error?.message}.`);
  }
  if (job.id !== id) throw new UnreadableJob(`job.json belongs to the job ${job.id}.`);
  return job;
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // The error below covers text that is no JSON, too.
  }
  throw new UnreadableJob('job.json holds no JSON object.');
}

/** The first versions stored the cells of each first row without its number, and knew of no second column with e-mails. */
function upgrade(stored: Record<string, unknown>): Record<string, unknown> {
  const { head, emailColumns = [] } = stored;
  if (!Array.isArray(head)) return stored;
  const rows = head.map((row, at) => (Array.isArray(row) ? { line: at + 1, cells: row } : row));
  return { ...stored, head: rows, emailColumns };
}
