/** Sample events, as AWS documents them for each service, with new ids and the present time. */
import type { Config } from '../config.ts';
import type { FunctionConfiguration } from '../manifest.ts';
import type { Api } from '../route-configuration.ts';
import { eventBridgeEvent, scheduledEvent } from './event-bridge-events.ts';
import type { EventSource } from './event-source.ts';
import { dynamodbEvent, s3Event, snsEvent, sqsEvent } from './record-events.ts';
import { requestEvent } from './request-event.ts';

const services: Record<string, (source: EventSource) => object> = {
  sqs: sqsEvent,
  sns: snsEvent,
  s3: s3Event,
  eventbridge: eventBridgeEvent,
  dynamodb: dynamodbEvent,
  schedule: scheduledEvent,
};

const apis: Api[] = ['http', 'rest', 'url'];

/** Names of the samples. */
export const sampleNames = [...Object.keys(services), ...apis];

/**
 * Makes a sample event for a function. The samples "http", "rest" and "url" are requests for the function's route of that
 * API, if it has one.
 * @param name one of `sampleNames`
 */
export function sampleEvent(name: string, configuration: FunctionConfiguration, config: Config): object {
  const service = Object.hasOwn(services, name) ? services[name] : undefined;
  return service ? service(config) : requestEvent(name as Api, configuration, config);
}
