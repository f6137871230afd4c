import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { context } from '#lib/testing/function.ts';
import { type CustomResourceWork, customResource } from './custom-resource.ts';

interface Answer {
  method: string | undefined;
  contentType: string | undefined;
  body: Record<string, unknown>;
}

/** Plays the bucket of CloudFormation. @param statuses of its answers in turn; 200 after them */
async function bucket(t: TestContext, statuses: number[] = []): Promise<{ url: string; answers: Answer[] }> {
  const answers: Answer[] = [];
  const server = createServer(async ({ method, headers }, response) => {
    const body = JSON.parse(await text(response.req));
    answers.push({ method, contentType: headers['content-type'], body });
    response.writeHead(statuses[answers.length - 1] ?? 200).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/stack?signature=s3cr3t`, answers };
}

const common = {
  ServiceToken: 'arn:aws:lambda:us-east-1:000000000000:function:migrate',
  StackId: 'arn:aws:cloudformation:us-east-1:000000000000:stack/cadastro/1',
  RequestId: 'request-1',
  LogicalResourceId: 'MigrateMigration',
  ResourceType: 'AWS::CloudFormation::CustomResource',
};
const properties = { ServiceToken: common.ServiceToken };
const created = (ResponseURL: string): CloudFormationCustomResourceEvent => ({
  ...common,
  ResponseURL,
  RequestType: 'Create',
  ResourceProperties: properties,
});
const updated = (ResponseURL: string): CloudFormationCustomResourceEvent => ({
  ...created(ResponseURL),
  RequestType: 'Update',
  PhysicalResourceId: 'as-before',
  OldResourceProperties: properties,
});

/** Runs the handler. @returns how often it applied the event */
async function handle(event: CloudFormationCustomResourceEvent, work: Partial<CustomResourceWork> = {}) {
  let applied = 0;
  const handler = customResource({
    apply: () => {
      applied++;
      return Promise.resolve('Done');
    },
    isRollback: () => false,
    ...work,
  });
  await handler(event, context());
  return applied;
}

test('tells CloudFormation that the work is done, in a request that fits the signed URL', async (t) => {
  const { url, answers } = await bucket(t);
  assert.equal(await handle(created(url)), 1);
  const { StackId, RequestId, LogicalResourceId } = common;
  const body = { Status: 'SUCCESS', Reason: 'Done', StackId, RequestId, LogicalResourceId };
  assert.deepEqual(answers, [
    { method: 'PUT', contentType: '', body: { ...body, PhysicalResourceId: LogicalResourceId } },
  ]);
});

test('keeps the identifier at an update, so that CloudFormation deletes nothing', async (t) => {
  const { url, answers } = await bucket(t);
  assert.equal(await handle(updated(url)), 1);
  assert.partialDeepStrictEqual(answers, [{ body: { Status: 'SUCCESS', PhysicalResourceId: 'as-before' } }]);
});

test('reports a failure with its reason, within the size that CloudFormation takes', async (t) => {
  const { url, answers } = await bucket(t);
  await handle(created(url), { apply: () => Promise.reject(new TypeError(`broken ${'x'.repeat(9000)}`)) });
  const { Status, Reason } = answers[0]?.body ?? {};
  assert.equal(Status, 'FAILED');
  assert.match(String(Reason), /^TypeError: broken xxx/);
  assert.ok(JSON.stringify(answers[0]?.body).length < 4096);
});

test('does nothing at a delete and at a roll-back, and succeeds', async (t) => {
  const { url, answers } = await bucket(t);
  assert.equal(await handle({ ...updated(url), RequestType: 'Delete' } as CloudFormationCustomResourceEvent), 0);
  assert.equal(await handle(updated(url), { isRollback: () => true }), 0);
  assert.deepEqual(
    answers.map(({ body }) => body.Status),
    ['SUCCESS', 'SUCCESS'],
  );
});

test('repeats the answer when the bucket refuses it, and fails without the signed URL when it always does', async (t) => {
  const recovers = await bucket(t, [503, 500]);
  await handle(created(recovers.url));
  assert.equal(recovers.answers.length, 3);
  const refuses = await bucket(t, [503, 503, 503]);
  await assert.rejects(handle(created(refuses.url)), ({ message }: Error) => {
    assert.match(message, /can't be told that MigrateMigration is SUCCESS: status 503/);
    return !message.includes('s3cr3t');
  });
});
