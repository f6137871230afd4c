/** Sample events of EventBridge. */
import { randomUUID } from 'node:crypto';
import type { EventSource } from './event-source.ts';

/**
 * @returns an event that a rule matched
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events.html
 */
export function eventBridgeEvent(source: EventSource): object {
  const instance = 'i-1234567890abcdef0';
  return envelope(source, {
    type: 'EC2 Instance State-change Notification',
    from: 'aws.ec2',
    resource: `arn:aws:ec2:${source.region}:${source.accountId}:instance/${instance}`,
    detail: { 'instance-id': instance, state: 'terminated' },
  });
}

/**
 * @returns the event of a rule with a rate or a cron expression
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-eventbridge-scheduler.html
 */
export function scheduledEvent(source: EventSource): object {
  return envelope(source, {
    type: 'Scheduled Event',
    from: 'aws.events',
    resource: `arn:aws:events:${source.region}:${source.accountId}:rule/my-schedule`,
    detail: {},
  });
}

interface Content {
  type: string;
  from: string;
  resource: string;
  detail: object;
}

function envelope({ accountId, region }: EventSource, { type, from, resource, detail }: Content): object {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': type,
    source: from,
    account: accountId,
    // EventBridge gives whole seconds.
    time: `${new Date().toISOString().slice(0, 19)}Z`,
    region,
    resources: [resource],
    detail,
  };
}
