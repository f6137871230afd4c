/** Reads the schedules of descriptions. */
import { parseExpression, type ScheduleService } from '../../schedules/next-run.ts';
import type { Place, ProjectFunction, ScheduleSettings } from '../project.ts';
import type { Notices } from './notices.ts';
import type { Fields } from './places.ts';

/** A schedule as a description has it. */
export interface DescribedSchedule {
  name: string;
  service: ScheduleService;
  expression: unknown;
  timezone?: unknown;
  /** That replaces the event: an object, or the text of a JSON document. */
  input?: unknown;
  isDisabled: boolean;
}

/**
 * Adds a schedule to its function.
 * @param notices gets a line for a schedule that does not run
 */
export function addSchedule(
  owner: ProjectFunction,
  { name, service, expression, timezone, input, isDisabled }: DescribedSchedule,
  place: Place,
  notices: Notices,
): void {
  const text = String(expression ?? '').trim();
  const settings: ScheduleSettings = { name: name.replaceAll(/[^A-Za-z0-9._-]/g, '-').slice(0, 64), expression: text };
  if (service === 'scheduler') Object.assign(settings, { service, timezone: String(timezone ?? 'UTC') });
  if (input !== undefined) settings.input = parseInput(input);
  try {
    parseExpression(text, settings.timezone ?? 'UTC', service);
  } catch (error) {
    notices.add(place, `the schedule "${text}" of ${owner.name} does not run here: ${(error as Error).message}`);
    return;
  }
  if (isDisabled) notices.add(place, `the schedule "${text}" of ${owner.name} is disabled`);
  else owner.schedules.push(settings);
}

/**
 * Names the settings of EventBridge Scheduler that the host does not have.
 * @param own   properties of the schedule
 * @param place of the schedule
 */
export function noteDates(own: Fields, place: Place, notices: Notices): void {
  for (const property of ['StartDate', 'EndDate']) {
    if (property in own) notices.add(place, `${property} of a schedule has no effect here`);
  }
}

function parseInput(input: unknown): unknown {
  if (typeof input !== 'string') return input;
  try {
    return JSON.parse(input);
  } catch {
    return input;
  }
}
