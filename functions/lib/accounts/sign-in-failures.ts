/**
 * Counts failures of sign-in, and makes the pauses between attempts grow. Each function is one piece of work on a connection.
 * @see infra/docs/decisions/059-pauses-by-account-and-address.md
 */
import { createHash } from 'node:crypto';
import type { Connection, Row } from '../database/engine.ts';
import { foldCase } from '../text.ts';
import { SignInPaused } from './account-errors.ts';

/** When pauses begin, and how long they get. */
export interface PauseRules {
  /** Failures of one account from one address before their pauses begin. */
  readonly attempts: number;
  readonly maxPauseMs: number;
}

/** The account, which may not exist, and the client of one attempt. */
export interface Attempt {
  readonly name: string;
  /** A key of the client's address; undefined where nobody knows it. */
  readonly client: string | undefined;
}

/** Failures that are counted together. */
interface Counter {
  readonly id: string;
  /** Failures before its pauses begin. */
  readonly free: number;
  readonly maxPauseMs: number;
}

type FailureRow = Row & { failures: number; blocked_until: string };

/** An address may fail so many times as often as one account from it: several people may share it. */
const addressFactor = 4;
/** An account may fail so many times as often over all addresses. */
const accountFactor = 20;
/** The longest pause of an account over all addresses. Its owner has to wait for it as well. */
const maxAccountPauseMs = 60_000;
/** Failures are forgotten after this time without a further one. */
const failureMemoryMs = 24 * 60 * 60 * 1000;
/** An address from which a person has signed in is known for this time. */
const knownMs = 30 * 24 * 60 * 60 * 1000;

/**
 * Counts an attempt as a failure before its password is verified, so that attempts at the same time can't get round the pause.
 * @param now milliseconds since 1970
 * @throws {SignInPaused} when account or address must wait; the attempt is not counted then
 */
export async function beginAttempt(
  connection: Connection,
  attempt: Attempt,
  rules: PauseRules,
  now: number,
): Promise<void> {
  // The row of a known address has no failures.
  await connection.run(
    'DELETE FROM sign_in_failures WHERE updated_at < ? AND (failures > 0 OR updated_at < ?)',
    ...[iso(now - failureMemoryMs), iso(now - knownMs)],
  );
  const isKnown = (await find(connection, knownId(attempt))) !== undefined;
  const account = accountCounter(attempt, rules);
  const counted: { counter: Counter; failures: number }[] = [];
  let waitMs = 0;
  for (const counter of [pairCounter(attempt, rules), ...addressCounters(attempt, rules), account]) {
    const row = await find(connection, counter.id);
    counted.push({ counter, failures: row?.failures ?? 0 });
    // Guesses from elsewhere must not keep a person out who comes from a known address.
    if (row !== undefined && !(counter === account && isKnown)) {
      // After the clock was set back, the time may be far ahead.
      const leftMs = Math.min(Date.parse(row.blocked_until) - now, pauseAfter(row.failures, counter));
      waitMs = Math.max(waitMs, leftMs);
    }
  }
  if (waitMs > 0) throw new SignInPaused(waitMs);
  for (const { counter, failures } of counted) {
    await store(connection, counter.id, failures + 1, { now, pauseMs: pauseAfter(failures + 1, counter) });
  }
}

/**
 * Takes the count of an attempt back that has succeeded, and remembers its address. The account begins anew; the address keeps its
 * other failures.
 */
export async function forgiveAttempt(connection: Connection, attempt: Attempt, now: number): Promise<void> {
  const rules = { attempts: 1, maxPauseMs: 0 };
  for (const { id } of [pairCounter(attempt, rules), accountCounter(attempt, rules)]) {
    await connection.run('DELETE FROM sign_in_failures WHERE id = ?', id);
  }
  for (const { id } of addressCounters(attempt, rules)) {
    await connection.run(
      'UPDATE sign_in_failures SET failures = failures - 1, blocked_until = ? WHERE id = ?',
      ...[iso(now), id],
    );
    await connection.run('DELETE FROM sign_in_failures WHERE id = ? AND failures <= 0', id);
  }
  if (attempt.client !== undefined) await store(connection, knownId(attempt), 0, { now, pauseMs: 0 });
}

function pairCounter({ name, client = '' }: Attempt, { attempts, maxPauseMs }: PauseRules): Counter {
  return { id: sha256(`pair:${client}:${foldCase(name)}`), free: attempts, maxPauseMs };
}

function addressCounters({ client }: Attempt, { attempts, maxPauseMs }: PauseRules): Counter[] {
  return client === undefined ? [] : [{ id: sha256(`address:${client}`), free: attempts * addressFactor, maxPauseMs }];
}

function accountCounter({ name }: Attempt, { attempts, maxPauseMs }: PauseRules): Counter {
  return {
    id: sha256(`account:${foldCase(name)}`),
    free: attempts * accountFactor,
    maxPauseMs: Math.min(maxPauseMs, maxAccountPauseMs),
  };
}

function knownId({ name, client = '' }: Attempt): string {
  return sha256(`known:${client}:${foldCase(name)}`);
}

function pauseAfter(failures: number, { free, maxPauseMs }: Counter): number {
  return failures < free ? 0 : Math.min(maxPauseMs, 1000 * 2 ** Math.min(failures - free, 30));
}

async function find(connection: Connection, id: string): Promise<FailureRow | undefined> {
  return connection.get<FailureRow>('SELECT failures, blocked_until FROM sign_in_failures WHERE id = ?', id);
}

async function store(
  connection: Connection,
  id: string,
  failures: number,
  { now, pauseMs }: { now: number; pauseMs: number },
): Promise<void> {
  await connection.run(
    `INSERT INTO sign_in_failures (id, failures, blocked_until, updated_at) VALUES (?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET failures = excluded.failures, blocked_until = excluded.blocked_until,
        updated_at = excluded.updated_at`,
    ...[id, failures, iso(now + pauseMs), iso(now)],
  );
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
