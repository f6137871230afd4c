/** Golden tests of sample events: each has just the fields of the page that its maker cites. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseConfig } from '../config.ts';
import { parseFunction } from '../manifest.ts';
import { sampleEvent, sampleNames } from './sample-event.ts';

const config = parseConfig({ AWS_REGION: 'us-east-2', AWS_ACCOUNT_ID: '123456789012' });

function sample(name: string, route: unknown = []): Record<string, unknown> {
  return JSON.parse(JSON.stringify(sampleEvent(name, parseFunction({ name: 'f', route }, '/'), config)));
}

/** @returns the fields of a value, with the type of each value below them */
function shapeOf(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value;
  if (Array.isArray(value)) return value.map(shapeOf);
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shapeOf(one)]));
}

const text = 'string';
const number = 'number';

describe('a sample event', { concurrency: true }, () => {
  it('of SQS has the fields of two messages', () => {
    const message = (messageAttributes: object) => ({
      messageId: text,
      receiptHandle: text,
      body: text,
      attributes: {
        ApproximateReceiveCount: text,
        SentTimestamp: text,
        SenderId: text,
        ApproximateFirstReceiveTimestamp: text,
      },
      messageAttributes,
      md5OfBody: text,
      eventSource: text,
      eventSourceARN: text,
      awsRegion: text,
    });
    const myAttribute = { stringValue: text, stringListValues: [], binaryListValues: [], dataType: text };
    const event = sample('sqs');
    assert.deepEqual(shapeOf(event), { Records: [message({ myAttribute }), message({})] });
    assert.partialDeepStrictEqual(event, {
      Records: [
        {
          // The MD5 of "Test message.", by md5sum.
          md5OfBody: 'e4e68fb7bd0e697a0ae8f1bb342846b3',
          eventSource: 'aws:sqs',
          eventSourceARN: 'arn:aws:sqs:us-east-2:123456789012:my-queue',
          awsRegion: 'us-east-2',
        },
      ],
    });
  });

  it('of SNS has the fields of a notification', () => {
    assert.deepEqual(shapeOf(sample('sns')), {
      Records: [
        {
          EventVersion: text,
          EventSubscriptionArn: text,
          EventSource: text,
          Sns: {
            SignatureVersion: text,
            Timestamp: text,
            Signature: text,
            SigningCertUrl: text,
            MessageId: text,
            Message: text,
            MessageAttributes: { Test: { Type: text, Value: text }, TestBinary: { Type: text, Value: text } },
            Type: text,
            UnsubscribeUrl: text,
            TopicArn: text,
            Subject: text,
          },
        },
      ],
    });
  });

  it('of S3 has the fields of a new object', () => {
    assert.deepEqual(shapeOf(sample('s3')), {
      Records: [
        {
          eventVersion: text,
          eventSource: text,
          awsRegion: text,
          eventTime: text,
          eventName: text,
          userIdentity: { principalId: text },
          requestParameters: { sourceIPAddress: text },
          responseElements: { 'x-amz-request-id': text, 'x-amz-id-2': text },
          s3: {
            s3SchemaVersion: text,
            configurationId: text,
            bucket: { name: text, ownerIdentity: { principalId: text }, arn: text },
            object: { key: text, size: number, eTag: text, sequencer: text },
          },
        },
      ],
    });
  });

  it('of DynamoDB has the fields of an insertion, a change and a removal', () => {
    const item = { Message: { S: text }, Id: { N: text } };
    const record = (images: object) => ({
      eventID: text,
      eventName: text,
      eventVersion: text,
      eventSource: text,
      awsRegion: text,
      dynamodb: {
        ApproximateCreationDateTime: number,
        Keys: { Id: { N: text } },
        ...images,
        SequenceNumber: text,
        SizeBytes: number,
        StreamViewType: text,
      },
      eventSourceARN: text,
    });
    const event = sample('dynamodb');
    assert.deepEqual(shapeOf(event), {
      Records: [record({ NewImage: item }), record({ NewImage: item, OldImage: item }), record({ OldImage: item })],
    });
    const records = event.Records as { eventName: string; dynamodb: { SequenceNumber: string } }[];
    assert.deepEqual(
      records.map(({ eventName }) => eventName),
      ['INSERT', 'MODIFY', 'REMOVE'],
    );
    const numbers = records.map(({ dynamodb }) => BigInt(dynamodb.SequenceNumber));
    assert.ok((numbers[0] ?? 0n) < (numbers[1] ?? 0n) && (numbers[1] ?? 0n) < (numbers[2] ?? 0n));
  });

  it('of EventBridge has the fields of its envelope, and a schedule has an empty detail', () => {
    const envelope = {
      version: text,
      id: text,
      'detail-type': text,
      source: text,
      account: text,
      time: text,
      region: text,
      resources: [text],
    };
    assert.deepEqual(shapeOf(sample('eventbridge')), { ...envelope, detail: { 'instance-id': text, state: text } });
    const schedule = sample('schedule');
    assert.deepEqual(shapeOf(schedule), { ...envelope, detail: {} });
    assert.partialDeepStrictEqual(schedule, { 'detail-type': 'Scheduled Event', source: 'aws.events' });
    assert.match(String(schedule.time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  it("of an API is a request for the function's own route, or for a made-up one", () => {
    const routes = ['PUT /users/{id}', { key: 'ANY /files/{proxy+}', api: 'rest' }, { key: '$default', api: 'url' }];
    const http = sample('http', routes);
    assert.deepEqual([http.routeKey, http.rawPath, http.body], ['PUT /users/{id}', '/users/1', '{"name":"Ada"}']);
    const rest = sample('rest', routes);
    assert.deepEqual(
      [rest.resource, rest.path, rest.httpMethod, rest.body],
      [...['/files/{proxy+}', '/files/1', 'GET', null]],
    );
    const url = sample('url', routes);
    assert.partialDeepStrictEqual(url, { rawPath: '/', requestContext: { domainName: 'f.lambda-url.localhost' } });
    assert.equal(sample('http').routeKey, 'POST /things/{id}');
    assert.equal(sample('rest').resource, '/things/{id}');
    assert.equal(sample('url').routeKey, '$default');
  });

  it('has new ids each time', () => {
    for (const name of sampleNames) assert.notDeepEqual(sample(name), sample(name), name);
  });
});
