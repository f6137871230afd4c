/** Reads the schedules of descriptions. */
import type { Place } from '../project.ts';
import type { Notices } from './notices.ts';

/** One schedule of a function. */
export interface Schedule {
  /** "rate(5 minutes)" or "cron(…)". */
  expression: string;
  input?: unknown;
}

/**
 * @param expression as the description has it
 * @param input      that replaces the event: an object, or the text of a JSON document
 * @param place      of the schedule
 * @param notices    gets a line for an expression that the host does not run
 * @returns the schedule; undefined for one that the host does not run
 */
export function readSchedule(
  expression: unknown,
  input: unknown,
  place: Place,
  notices: Notices,
): Schedule | undefined {
  const text = String(expression ?? '').trim();
  if (!/^(rate|cron)\(.+\)$/.test(text)) {
    notices.add(place, `the schedule "${text}" does not run here: it is neither rate(…) nor cron(…)`);
    return undefined;
  }
  return input === undefined ? { expression: text } : { expression: text, input: parseInput(input) };
}

function parseInput(input: unknown): unknown {
  if (typeof input !== 'string') return input;
  try {
    return JSON.parse(input);
  } catch {
    return input;
  }
}
