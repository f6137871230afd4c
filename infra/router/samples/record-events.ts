/** Sample events that are lists of records: SQS, SNS, S3, DynamoDB streams. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { EventSource } from './event-source.ts';

/**
 * @returns two messages of a standard queue
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
export function sqsEvent({ accountId, region }: EventSource): object {
  const now = Date.now();
  const message = (body: string, messageAttributes: object) => ({
    messageId: randomUUID(),
    receiptHandle: randomBytes(96).toString('base64'),
    body,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: String(now - 12),
      SenderId: 'AIDAIENQZJOLO23YVJ4VO',
      ApproximateFirstReceiveTimestamp: String(now),
    },
    messageAttributes,
    md5OfBody: createHash('md5').update(body).digest('hex'),
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:${region}:${accountId}:my-queue`,
    awsRegion: region,
  });
  const myAttribute = { stringValue: 'myValue', stringListValues: [], binaryListValues: [], dataType: 'String' };
  return { Records: [message('Test message.', { myAttribute }), message('{"id":1,"name":"Ada"}', {})] };
}

/**
 * @returns one notification of a topic
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
 */
export function snsEvent({ accountId, region }: EventSource): object {
  const topicArn = `arn:aws:sns:${region}:${accountId}:sns-lambda`;
  const subscriptionArn = `${topicArn}:${randomUUID()}`;
  const host = `https://sns.${region}.amazonaws.com`;
  return {
    Records: [
      {
        EventVersion: '1.0',
        EventSubscriptionArn: subscriptionArn,
        EventSource: 'aws:sns',
        Sns: {
          SignatureVersion: '1',
          Timestamp: new Date().toISOString(),
          Signature: randomBytes(256).toString('base64'),
          SigningCertUrl: `${host}/SimpleNotificationService-${randomBytes(16).toString('hex')}.pem`,
          MessageId: randomUUID(),
          Message: 'Hello from SNS!',
          MessageAttributes: {
            Test: { Type: 'String', Value: 'TestString' },
            TestBinary: { Type: 'Binary', Value: 'TestBinary' },
          },
          Type: 'Notification',
          UnsubscribeUrl: `${host}/?Action=Unsubscribe&SubscriptionArn=${subscriptionArn}`,
          TopicArn: topicArn,
          Subject: 'TestInvoke',
        },
      },
    ],
  };
}

/**
 * @returns the notification of one new object
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export function s3Event({ region }: EventSource): object {
  const bucket = 'amzn-s3-demo-bucket';
  return {
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: region,
        eventTime: new Date().toISOString(),
        eventName: 'ObjectCreated:Put',
        userIdentity: { principalId: 'AWS:AIDAINPONIXQXHT3IKHL2' },
        requestParameters: { sourceIPAddress: '192.0.2.1' },
        responseElements: {
          'x-amz-request-id': randomBytes(8).toString('hex').toUpperCase(),
          'x-amz-id-2': randomBytes(56).toString('base64'),
        },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: randomUUID(),
          bucket: { name: bucket, ownerIdentity: { principalId: 'A3I5XTEXAMAI3E' }, arn: `arn:aws:s3:::${bucket}` },
          object: {
            key: 'folder/HappyFace.jpg',
            size: 1024,
            eTag: randomBytes(16).toString('hex'),
            sequencer: randomBytes(9).toString('hex').toUpperCase(),
          },
        },
      },
    ],
  };
}

/**
 * @returns an insertion, a change and a removal of one item, in their order
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
 */
export function dynamodbEvent({ accountId, region }: EventSource): object {
  const now = new Date();
  const table = `arn:aws:dynamodb:${region}:${accountId}:table/ExampleTableWithStream`;
  const start = BigInt(now.getTime()) * 100n;
  const keys = { Id: { N: '101' } };
  const first = { Message: { S: 'New item!' }, ...keys };
  const second = { Message: { S: 'This item has changed' }, ...keys };
  const record = (eventName: string, images: object, offset: bigint, sizeBytes: number) => ({
    eventID: randomBytes(16).toString('hex'),
    eventName,
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: region,
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(now.getTime() / 1000),
      Keys: keys,
      ...images,
      SequenceNumber: String(start + offset),
      SizeBytes: sizeBytes,
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
    eventSourceARN: `${table}/stream/${now.toISOString().slice(0, 23)}`,
  });
  return {
    Records: [
      record('INSERT', { NewImage: first }, 0n, 26),
      record('MODIFY', { NewImage: second, OldImage: first }, 1n, 59),
      record('REMOVE', { OldImage: second }, 2n, 38),
    ],
  };
}
