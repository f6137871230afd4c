/** Counts failures of sign-in, and makes the pauses between attempts grow. Each function is one piece of work on a connection. */
import { createHash } from 'node:crypto';
import type { Connection, Row } from '../database/engine.ts';
import { foldCase } from '../text.ts';
import { SignInPaused } from './account-errors.ts';

/** When pauses begin, and how long they get. */
export interface PauseRules {
  /** Failures of one account before its pauses begin. An address may fail four times as often. */
  readonly attempts: number;
  readonly maxPauseMs: number;
}

type FailureRow = Row & { failures: number; blocked_until: string };

const addressFactor = 4;
/** Failures are forgotten after this time without a further one. */
const memoryMs = 24 * 60 * 60 * 1000;

/** The account, which may not exist, and the client of one attempt. */
export interface Attempt {
  readonly name: string;
  /** A key of the client's address; undefined where nobody knows it. */
  readonly client: string | undefined;
}

/**
 * Counts an attempt as a failure before its password is verified, so that attempts at the same time can't get round the pause.
 * @param now milliseconds since 1970
 * @throws {SignInPaused} when account or address must wait; the attempt is not counted then
 */
export async function beginAttempt(
  connection: Connection,
  attempt: Attempt,
  { attempts, maxPauseMs }: PauseRules,
  now: number,
): Promise<void> {
  await connection.run('DELETE FROM sign_in_failures WHERE updated_at < ?', iso(now - memoryMs));
  const counters = countersOf(attempt).map(({ id, factor }) => ({ id, free: attempts * factor }));
  const known = new Map<string, FailureRow>();
  for (const { id } of counters) {
    const row = await connection.get<FailureRow>(
      'SELECT failures, blocked_until FROM sign_in_failures WHERE id = ?',
      id,
    );
    if (row !== undefined) known.set(id, row);
  }
  const waitMs = Math.max(...[...known.values()].map((row) => Date.parse(row.blocked_until) - now), 0);
  if (waitMs > 0) throw new SignInPaused(waitMs);
  for (const { id, free } of counters) {
    const failures = (known.get(id)?.failures ?? 0) + 1;
    const pauseMs = failures < free ? 0 : Math.min(maxPauseMs, 1000 * 2 ** Math.min(failures - free, 30));
    await connection.run(
      `INSERT INTO sign_in_failures (id, failures, blocked_until, updated_at) VALUES (?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET failures = excluded.failures, blocked_until = excluded.blocked_until,
          updated_at = excluded.updated_at`,
      ...[id, failures, iso(now + pauseMs), iso(now)],
    );
  }
}

/** Takes the count of an attempt back that has succeeded. The account begins anew; its address keeps its other failures. */
export async function forgiveAttempt(connection: Connection, attempt: Attempt, now: number): Promise<void> {
  for (const { id, factor } of countersOf(attempt)) {
    if (factor === 1) await connection.run('DELETE FROM sign_in_failures WHERE id = ?', id);
    else {
      await connection.run(
        'UPDATE sign_in_failures SET failures = failures - 1, blocked_until = ? WHERE id = ?',
        ...[iso(now), id],
      );
    }
  }
}

function countersOf({ name, client }: Attempt): { id: string; factor: number }[] {
  const account = { id: sha256(`account:${foldCase(name)}`), factor: 1 };
  return client === undefined ? [account] : [account, { id: sha256(`address:${client}`), factor: addressFactor }];
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
