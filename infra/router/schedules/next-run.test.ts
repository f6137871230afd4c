/** Golden tests of the examples in the documentation of EventBridge and EventBridge Scheduler. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseExpression, type ScheduleService } from './next-run.ts';

/** A Friday. */
const now = Date.parse('2026-11-27T15:25:30Z');

interface When {
  timezone?: string;
  service?: ScheduleService;
  after?: string;
}

/** @returns the next runs as "2026-11-27 15:25" in UTC */
function runs(expression: string, count: number, { timezone = 'UTC', service = 'events', after }: When = {}): string[] {
  const startedMs = after === undefined ? now : Date.parse(after);
  const next = parseExpression(expression, timezone, service);
  const times: string[] = [];
  for (let ms = next(startedMs - 1, startedMs); ms !== undefined && times.length < count; ms = next(ms, startedMs)) {
    times.push(new Date(ms).toISOString().slice(0, 16).replace('T', ' '));
  }
  return times;
}

function fault(expression: string, timezone = 'UTC', service: ScheduleService = 'events'): string {
  try {
    parseExpression(expression, timezone, service);
  } catch (error) {
    return (error as Error).message;
  }
  return 'no fault';
}

describe('an expression of a schedule', { concurrency: true }, () => {
  for (const [expression, expected] of Object.entries({
    'cron(15 10 * * ? *)': ['2026-11-28 10:15', '2026-11-29 10:15'],
    'cron(0 18 ? * MON-FRI *)': ['2026-11-27 18:00', '2026-11-30 18:00'],
    'cron(0 8 1 * ? *)': ['2026-12-01 08:00', '2027-01-01 08:00'],
    'cron(0/10 * ? * MON-FRI *)': ['2026-11-27 15:30', '2026-11-27 15:40'],
    'cron(1/10 * * * ? *)': ['2026-11-27 15:31', '2026-11-27 15:41'],
    'cron(0 0/12 * * ? *)': ['2026-11-28 00:00', '2026-11-28 12:00'],
    'cron(0 9 ? * 1 *)': ['2026-11-29 09:00', '2026-12-06 09:00'],
    'cron(0 9 ? * L *)': ['2026-11-28 09:00', '2026-12-05 09:00'],
    'cron(0 9 ? * 6L *)': ['2026-12-25 09:00', '2027-01-29 09:00'],
    'cron(0 9 ? * FRIL *)': ['2026-12-25 09:00', '2027-01-29 09:00'],
    'cron(0 9 ? * 3#2 *)': ['2026-12-08 09:00', '2027-01-12 09:00'],
    'cron(0 9 ? * TUE#5 *)': ['2026-12-29 09:00', '2027-03-30 09:00'],
    'cron(0 9 L * ? *)': ['2026-11-30 09:00', '2026-12-31 09:00'],
    'cron(0 9 3W * ? *)': ['2026-12-03 09:00', '2027-01-04 09:00'],
    'cron(0 0 1 JAN,JUL ? 2027-2028)': ['2027-01-01 00:00', '2027-07-01 00:00', '2028-01-01 00:00', '2028-07-01 00:00'],
    'cron(0 0 1 1 ? 2020)': [],
    'cron(0 0 31 FEB ? *)': [],
    'rate(5 minutes)': ['2026-11-27 15:30', '2026-11-27 15:35'],
    'rate(1 hour)': ['2026-11-27 16:25', '2026-11-27 17:25'],
    'rate(7 days)': ['2026-12-04 15:25', '2026-12-11 15:25'],
    'rate(999999999 days)': [],
    'rate(99999999999999999999 days)': [],
  })) {
    it(`${expression} is due as on AWS`, () => {
      // One more than expected shows that schedules with an end have one.
      const all = runs(
        expression,
        Math.max(2, expected.length) + (expected.length > 2 || expected.length === 0 ? 1 : 0),
      );
      assert.deepEqual(all, expected);
    });
  }

  it('of Scheduler may be a date, has a time zone, and a rate that begins at once', () => {
    const service = 'scheduler';
    assert.deepEqual(runs('rate(2 hours)', 2, { service }), ['2026-11-27 15:25', '2026-11-27 17:25']);
    const timezone = 'America/Sao_Paulo';
    assert.deepEqual(runs('cron(0 9 * * ? *)', 1, { service, timezone }), ['2026-11-28 12:00']);
    assert.deepEqual(runs('at(2030-01-01T09:00:00)', 2, { service, timezone }), ['2030-01-01 12:00']);
    assert.deepEqual(runs('at(2020-01-01T09:00:00)', 1, { service }), []);
  });

  it('leaves out a time that the clocks skip, and keeps the local time afterwards', () => {
    const when: When = { service: 'scheduler', timezone: 'Europe/Berlin', after: '2027-03-26T12:00:00Z' };
    assert.deepEqual(runs('cron(30 2 * * ? *)', 3, when), ['2027-03-27 01:30', '2027-03-29 00:30', '2027-03-30 00:30']);
  });

  it('does not catch up on runs of a rate that have passed', () => {
    const next = parseExpression('rate(5 minutes)', 'UTC', 'events');
    assert.equal(next(now + 3_600_000, now), now + 3_900_000);
  });

  for (const [expression, message] of [
    ['every day', 'it is neither rate(…) nor cron(…)'],
    ['at(2030-01-01T00:00:00)', 'it is neither rate(…) nor cron(…)'],
    ['rate(5 minute)', 'rate(…) takes a number and minutes, hours or days, without "s" after 1'],
    ['rate(1 hours)', 'rate(…) takes a number and minutes, hours or days, without "s" after 1'],
    ['rate(0 minutes)', 'rate(…) takes a number and minutes, hours or days, without "s" after 1'],
    ['rate(30 seconds)', 'rate(…) takes a number and minutes, hours or days, without "s" after 1'],
    [
      'cron(0 12 * * ?)',
      'cron(…) takes six fields, and there are 5: minutes, hours, day of month, month, day of week, year',
    ],
    ['cron(0 12 * * * *)', 'one of day of month and day of week takes "?", and the other one does not'],
    ['cron(0 12 ? * ? *)', 'one of day of month and day of week takes "?", and the other one does not'],
    ['cron(0 12 1 * MON *)', 'one of day of month and day of week takes "?", and the other one does not'],
    ['cron(L 12 * * ? *)', '"L" is no minutes'],
    ['cron(0 12 ? * 2/2 *)', '"2/2" is no day of week'],
    ['cron(0 12 ? * 0-6 *)', '"0-6" is no day of week'],
  ] as const) {
    it(`${expression} is refused`, () => assert.equal(fault(expression), message));
  }

  it('is refused for a value out of range, an unknown time zone and a malformed date', () => {
    assert.match(fault('cron(60 12 * * ? *)'), /60/);
    assert.match(fault('cron(0 12 * * ? *)', 'Mars/Olympus', 'scheduler'), /Mars\/Olympus/);
    assert.match(fault('rate(1 day)', 'UTC', 'scheduler'), /no fault/);
    assert.match(fault('at(tomorrow)', 'UTC', 'scheduler'), /2030-12-31T23:59:59/);
  });
});
