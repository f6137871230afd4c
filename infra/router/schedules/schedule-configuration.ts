/** Reads the schedules of a function.json, and fills in their defaults. */
import schema from '../function.schema.json' with { type: 'json' };
import { parseExpression, type ScheduleService } from './next-run.ts';

/** One schedule with all its settings, defaults included. */
export interface ScheduleConfiguration {
  /** Unique for the function. ARNs and the log have it. */
  name: string;
  /** "rate(…)" or "cron(…)"; "at(…)" for Scheduler. */
  expression: string;
  /** "events" is a rule of EventBridge, "scheduler" is EventBridge Scheduler. */
  service: ScheduleService;
  /** Such as "Europe/Berlin"; "UTC" for a rule. */
  timezone: string;
  /** JSON value that replaces the event; undefined for the event of the service. */
  input: unknown;
}

const { properties: settings } = schema.properties.schedules.definitions.object;

/**
 * Reads the setting `schedules`.
 * @param value        an expression, an object, or a list of both
 * @param functionName begins the names of schedules without one
 * @param fail         called with a sentence that says what is wrong
 */
export function parseSchedules(
  value: unknown,
  functionName: string,
  fail: (what: string) => never,
): ScheduleConfiguration[] {
  const schedules = [value]
    .flat()
    .map((one, index) =>
      parseSchedule(typeof one === 'string' ? { expression: one } : one, `${functionName}-${index + 1}`, fail),
    );
  const names = schedules.map(({ name }) => name);
  const twin = names.find((name, index) => names.indexOf(name) !== index);
  return twin === undefined ? schedules : fail(`two "schedules" have the name ${twin}`);
}

function parseSchedule(value: unknown, defaultName: string, fail: (what: string) => never): ScheduleConfiguration {
  if (typeof value !== 'object' || value === null) {
    return fail(
      '"schedules" takes an expression such as "rate(5 minutes)", an object with "expression", or a list of them',
    );
  }
  for (const key of Object.keys(value)) {
    if (!(key in settings))
      fail(`unknown setting "${key}" in "schedules"; it takes ${Object.keys(settings).join(', ')}`);
  }
  const given = value as Partial<Record<keyof ScheduleConfiguration, unknown>>;
  const { name = defaultName, service = settings.service.default, timezone = settings.timezone.default } = given;
  const { expression, input } = given;
  if (typeof name !== 'string' || !new RegExp(settings.name.pattern).test(name)) {
    return fail('"name" in "schedules" takes 1 to 64 letters, digits, ".", - and _');
  }
  if (service !== 'events' && service !== 'scheduler') {
    return fail('"service" in "schedules" takes "events" or "scheduler"');
  }
  if (typeof timezone !== 'string') return fail('"timezone" in "schedules" takes a name such as "Europe/Berlin"');
  if (service === 'events' && timezone !== 'UTC') {
    return fail('"timezone" in "schedules" needs "service": "scheduler": rules of EventBridge run in UTC');
  }
  if (typeof expression !== 'string') return fail('"expression" in "schedules" takes text');
  try {
    parseExpression(expression, timezone, service);
  } catch (error) {
    return fail(`the schedule "${expression}" is wrong: ${(error as Error).message}`);
  }
  return { name, expression, service, timezone, input };
}
