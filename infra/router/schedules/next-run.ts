/** Reads the schedule expressions of EventBridge. Croner computes the dates; this file knows how AWS's notation differs. */
import { Cron } from 'croner';

/** The two services that run functions by the clock: rules of EventBridge, and EventBridge Scheduler. */
export type ScheduleService = 'events' | 'scheduler';

/**
 * Finds when a schedule is due.
 * @param afterMs   milliseconds since the epoch
 * @param startedMs when the schedule began, as milliseconds since the epoch
 * @returns the first time after `afterMs`, as milliseconds since the epoch; undefined when it is never due again
 */
export type NextRun = (afterMs: number, startedMs: number) => number | undefined;

/** A schedule expression is wrong. The message says what it takes, and follows the expression in a line. */
class ScheduleExpressionError extends Error {
  override name = 'ScheduleExpressionError';
}

const unitMs = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** The last time that a Date holds (ms since the epoch), in the year 275760. */
const lastDateMs = 8.64e15;

/** The characters of each field. Croner accepts more, and such an expression would fail when it is deployed. */
const cronFields = [
  ['minutes', /^[\d,*/-]+$/],
  ['hours', /^[\d,*/-]+$/],
  ['day of month', /^[\d,*/?LW-]+$/],
  ['month', /^[\dA-Z,*/-]+$/i],
  ['day of week', /^([1-7A-Z,*?-]+|\w{1,3}#[1-5])$/i],
  ['year', /^[\d,*/-]+$/],
] as const;

/**
 * Reads an expression.
 * @param expression such as "rate(5 minutes)", "cron(0 12 ? * MON-FRI *)", and for Scheduler "at(2030-01-01T00:00:00)"
 * @param timezone   of cron and at, such as "Europe/Berlin"
 * @throws {ScheduleExpressionError}
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
export function parseExpression(expression: string, timezone: string, service: ScheduleService): NextRun {
  const [, kind, content = ''] = /^(rate|cron|at)\((.+)\)$/.exec(expression) ?? [];
  try {
    if (kind === 'rate') return parseRate(content, service);
    if (kind === 'cron') return parseCron(content, timezone);
    if (kind === 'at' && service === 'scheduler') return parseDate(content, timezone);
  } catch (error) {
    throw new ScheduleExpressionError((error as Error).message.replace(/^CronPattern: /, ''));
  }
  throw new ScheduleExpressionError(`it is neither rate(…) nor cron(…)${service === 'scheduler' ? ' nor at(…)' : ''}`);
}

function parseRate(content: string, service: ScheduleService): NextRun {
  const [, count, unit, plural] = /^([1-9]\d*)\s+(minute|hour|day)(s?)$/.exec(content) ?? [];
  const isGood = unit !== undefined && (service === 'scheduler' || (plural === 's') === (count !== '1'));
  if (!isGood) throw new Error('rate(…) takes a number and minutes, hours or days, without "s" after 1');
  const intervalMs = Number(count) * unitMs[unit as keyof typeof unitMs];
  // A rule waits for its first interval. Scheduler invokes at once.
  const first = service === 'scheduler' ? 0 : 1;
  return (afterMs, startedMs) => {
    const intervals = Math.floor((afterMs - startedMs) / intervalMs) + 1;
    const dueMs = startedMs + Math.max(first, intervals) * intervalMs;
    return dueMs <= lastDateMs ? dueMs : undefined;
  };
}

function parseCron(content: string, timezone: string): NextRun {
  const fields = content.trim().split(/\s+/);
  if (fields.length !== cronFields.length) {
    throw new Error(
      `cron(…) takes six fields, and there are ${fields.length}: ${cronFields.map(([name]) => name).join(', ')}`,
    );
  }
  for (const [index, [name, pattern]] of cronFields.entries()) {
    if (!pattern.test(fields[index] as string)) throw new Error(`"${fields[index]}" is no ${name}`);
  }
  const [, , dayOfMonth, , dayOfWeek] = fields;
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) {
    throw new Error('one of day of month and day of week takes "?", and the other one does not');
  }
  // For AWS "L" alone is the last day of the week, Saturday.
  if (dayOfWeek === 'L') fields[4] = '7';
  const cron = new Cron(`0 ${fields.join(' ')}`, {
    mode: '7-part',
    timezone,
    paused: true,
    // Sunday is 1.
    alternativeWeekdays: true,
    // "5/10" counts from 5.
    sloppyRanges: true,
  });
  // An unknown time zone shows only here.
  cron.nextRun();
  return (afterMs) => {
    let next = cron.nextRun(new Date(afterMs));
    // When clocks go forward, Croner moves a time of the lost hour behind it. Scheduler leaves that run out.
    while (next && !cron.match(next)) next = cron.nextRun(next);
    return next?.getTime();
  };
}

function parseDate(content: string, timezone: string): NextRun {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(content)) throw new Error('at(…) takes a time like 2030-12-31T23:59:59');
  const time = new Cron(content, { timezone, paused: true }).nextRun(new Date(0))?.getTime();
  return (afterMs) => (time !== undefined && time > afterMs ? time : undefined);
}
