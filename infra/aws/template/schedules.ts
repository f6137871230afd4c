/** Makes the events of functions that run by the clock. */
import type { ScheduleConfiguration } from '../../router/schedules/schedule-configuration.ts';

/** @returns an event of AWS::Serverless::Function */
export function scheduleEvent({ expression, service, timezone, input }: ScheduleConfiguration): object {
  const common = input === undefined ? {} : { Input: JSON.stringify(input) };
  if (service === 'events') return { Type: 'Schedule', Properties: { Schedule: expression, ...common } };
  return {
    Type: 'ScheduleV2',
    Properties: { ScheduleExpression: expression, ScheduleExpressionTimezone: timezone, ...common },
  };
}
