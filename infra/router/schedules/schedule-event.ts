/** Makes the events of schedules. */
import { randomUUID } from 'node:crypto';
import type { ScheduleConfiguration } from './schedule-configuration.ts';

/** The account and the region that stand in the events. */
export interface ScheduleEventSource {
  accountId: string;
  region: string;
}

/**
 * @param schedule its name and its input
 * @param dueMs    when the schedule is due, as milliseconds since the epoch
 * @returns the event as JSON
 * @see https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-events.html for rules
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html for Scheduler
 */
export function scheduleEvent(
  { name, service, input }: Pick<ScheduleConfiguration, 'name' | 'service' | 'input'>,
  dueMs: number,
  { accountId, region }: ScheduleEventSource,
): string {
  const id = randomUUID();
  // EventBridge gives whole seconds.
  const time = `${new Date(dueMs).toISOString().slice(0, 19)}Z`;
  const isScheduler = service === 'scheduler';
  const arn = `arn:aws:${service}:${region}:${accountId}:${isScheduler ? 'schedule/default' : 'rule'}/${name}`;
  if (input !== undefined) {
    const text = JSON.stringify(input);
    if (!isScheduler) return text;
    const attributes: Record<string, string> = {
      'schedule-arn': arn,
      'scheduled-time': time,
      'execution-id': id,
      'attempt-number': '1',
    };
    return text.replace(/<aws\.scheduler\.([a-z-]+)>/g, (whole, key) => attributes[key] ?? whole);
  }
  return JSON.stringify({
    version: '0',
    id,
    'detail-type': 'Scheduled Event',
    source: `aws.${service}`,
    account: accountId,
    time,
    region,
    resources: [arn],
    // Scheduler sends an empty object as text.
    detail: isScheduler ? '{}' : {},
  });
}
