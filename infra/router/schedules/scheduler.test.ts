import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { QueuedEvent } from '../control/event-queue.ts';
import { parseSchedules, type ScheduleConfiguration } from './schedule-configuration.ts';
import { Scheduler } from './scheduler.ts';

/** A scheduler whose clock the test moves, the events that it queued, and the lines that it logged. */
function setUp(t: TestContext, { hasRoom = true } = {}) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: Date.parse('2026-11-27T15:25:30Z') });
  const lines: Record<string, unknown>[] = [];
  t.mock.method(process.stdout, 'write', (text: string) => lines.push(JSON.parse(text)) > 0);
  const events: (QueuedEvent & { at: string })[] = [];
  const queue = {
    add: (event: QueuedEvent) => {
      events.push({ ...event, at: new Date().toISOString().slice(11, 19) });
      return hasRoom;
    },
  };
  const scheduler = new Scheduler(queue, { accountId: '123456789012', region: 'sa-east-1' });
  t.after(() => scheduler.stop());
  const passMinutes = (minutes: number) => {
    // Second by second: within one tick the clock has its last time.
    for (let second = 0; second < minutes * 60; second++) t.mock.timers.tick(1000);
  };
  return { scheduler, events, lines, passMinutes };
}

function schedulesOf(...schedules: unknown[]): ScheduleConfiguration[] {
  return parseSchedules(schedules, 'clean', (what) => {
    throw new Error(what);
  });
}

const parsed = ({ payload }: QueuedEvent) => JSON.parse(payload.toString());

test('a rule invokes with the event that EventBridge documents, and the log names the schedule', (t) => {
  const { scheduler, events, lines, passMinutes } = setUp(t);
  scheduler.update([{ name: 'clean', schedules: schedulesOf({ name: 'often', expression: 'cron(0/5 * * * ? *)' }) }]);
  passMinutes(10);
  assert.deepEqual(
    events.map(({ at, functionName }) => [at, functionName]),
    [
      ['15:30:00', 'clean'],
      ['15:35:00', 'clean'],
    ],
  );
  const [event] = events.map(parsed);
  assert.match(event.id, /^[\da-f-]{36}$/);
  assert.deepEqual(event, {
    version: '0',
    id: event.id,
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: '123456789012',
    time: '2026-11-27T15:30:00Z',
    region: 'sa-east-1',
    resources: ['arn:aws:events:sa-east-1:123456789012:rule/often'],
    detail: {},
  });
  const [begins, runs] = lines.map(({ timestamp, level, ...fields }) => fields);
  const fields = { function: 'clean', schedule: 'often', expression: 'cron(0/5 * * * ? *)' };
  assert.deepEqual(begins, { message: 'Schedule begins', ...fields, next: '2026-11-27T15:30:00.000Z' });
  const { requestId } = events[0] as QueuedEvent;
  assert.deepEqual(runs, { message: 'Schedule runs', ...fields, requestId, next: '2026-11-27T15:35:00.000Z' });
});

test('Scheduler has an event of its own, and puts its attributes into an input', (t) => {
  const { scheduler, events, passMinutes } = setUp(t);
  const service = 'scheduler';
  const input = {
    at: '<aws.scheduler.scheduled-time>',
    of: '<aws.scheduler.schedule-arn>',
    other: '<aws.scheduler.x>',
  };
  scheduler.update([
    {
      name: 'clean',
      schedules: schedulesOf(
        { service, expression: 'rate(1 day)' },
        { service, expression: 'at(2026-11-27T15:26:00)', input },
        { expression: 'rate(1 minute)', input: 'text' },
      ),
    },
  ]);
  passMinutes(1);
  const [begun, at, rule] = events.map(parsed);
  assert.equal(begun.source, 'aws.scheduler');
  assert.equal(begun.detail, '{}');
  assert.deepEqual(begun.resources, ['arn:aws:scheduler:sa-east-1:123456789012:schedule/default/clean-1']);
  assert.deepEqual(at, {
    at: '2026-11-27T15:26:00Z',
    of: 'arn:aws:scheduler:sa-east-1:123456789012:schedule/default/clean-2',
    other: '<aws.scheduler.x>',
  });
  assert.equal(rule, 'text');
});

test('a reload keeps the times of a schedule that stays, takes its new input, and ends one that is gone', (t) => {
  const { scheduler, events, passMinutes } = setUp(t);
  const update = (...schedules: unknown[]) =>
    scheduler.update([{ name: 'clean', schedules: schedulesOf(...schedules) }]);
  const stays = { name: 'stays', expression: 'rate(10 minutes)' };
  update(stays, { name: 'goes', expression: 'rate(10 minutes)' });
  passMinutes(6);
  update({ ...stays, input: 'new' }, { name: 'comes', expression: 'rate(2 minutes)', input: 'comes' });
  passMinutes(4);
  assert.deepEqual(
    events.map((event) => [event.at, parsed(event)]),
    [
      ['15:33:30', 'comes'],
      ['15:35:30', 'new'],
      ['15:35:30', 'comes'],
    ],
  );
  scheduler.stop();
  passMinutes(30);
  assert.equal(events.length, 3);
});

test('the runs that fall into a sleep of the computer are left out, and the next one is in time', (t) => {
  const { scheduler, events, passMinutes } = setUp(t);
  scheduler.update([{ name: 'clean', schedules: schedulesOf('rate(5 minutes)') }]);
  // The clock goes on while timers stand still.
  t.mock.timers.setTime(Date.parse('2026-11-27T17:27:30Z'));
  passMinutes(10);
  assert.deepEqual(
    events.map(({ at }) => at.slice(0, 5)),
    ['17:27', '17:30', '17:35'],
  );
});

test('a run for which the queue has no room is logged as left out, and the schedule goes on', (t) => {
  const { scheduler, events, lines, passMinutes } = setUp(t, { hasRoom: false });
  scheduler.update([{ name: 'clean', schedules: schedulesOf('rate(1 minute)') }]);
  passMinutes(2);
  assert.equal(events.length, 2);
  const left = lines.filter(({ level }) => level === 'ERROR').map(({ message, schedule }) => [message, schedule]);
  const line = ['A run of the schedule is left out: the event queue has no room', 'clean-1'];
  assert.deepEqual(left, [line, line]);
});
