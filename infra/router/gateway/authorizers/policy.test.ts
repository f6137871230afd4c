/** Golden tests of https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { evaluate, parsePolicy } from './policy.ts';

const api = 'arn:aws:execute-api:us-east-1:1:api';

function allow(Resource: unknown, more: object = {}): object {
  return { Action: 'execute-api:Invoke', Effect: 'Allow', Resource, ...more };
}

function deny(Resource: unknown, more: object = {}): object {
  return allow(Resource, { Effect: 'Deny', ...more });
}

function verdict(statements: object | object[], path = 'GET/users/1'): string {
  return evaluate(parsePolicy({ Version: '2012-10-17', Statement: statements }), `${api}/dev/${path}`);
}

describe('a policy', { concurrency: true }, () => {
  it('allows the resources that it names, with * and ?', () => {
    const allowing = ['*', `${api}/dev/GET/users/1`, `${api}/*`, `${api}/*/GET/users/?`, 'arn:aws:execute-api:*:*:*'];
    for (const resource of [...allowing, 'arn:aws:execute-api', 'arn:*:execute-api:*:*:*/dev/*/users/*1*']) {
      assert.equal(verdict(allow(resource)), 'allowed', resource);
      assert.equal(verdict(allow(['arn:x', resource])), 'allowed', resource);
    }
    const others = [`${api}/dev/GET/users`, `${api}/prod/*`, `${api}/*/POST/*`, `${api}/*/GET/users/??`];
    others.push('arn:aws:execute-api:us-east-1:2:*', `${api}/dev/get/users/1`, `${api}/dev/GET/users/1/`);
    for (const resource of others) {
      assert.equal(verdict(allow(resource)), 'not allowed', resource);
    }
  });

  it('keeps a * within its part of the ARN, except for colons of the path', () => {
    assert.equal(verdict(allow('arn:aws:execute-api:us*api/dev/GET/users/1')), 'not allowed');
    assert.equal(verdict(allow(`${api}/dev/GET/*`), 'GET/a:b:c'), 'allowed');
  });

  it('denies whatever a Deny names, in any order', () => {
    assert.equal(verdict([allow('*'), deny(`${api}/*/GET/users/*`)]), 'denied');
    assert.equal(verdict([deny(`${api}/*/GET/users/*`), allow('*')]), 'denied');
    assert.equal(verdict([allow('*'), deny(`${api}/*/POST/*`)]), 'allowed');
  });

  it('concerns other actions than the call of an API not at all', () => {
    assert.equal(verdict(allow('*', { Action: 's3:GetObject' })), 'not allowed');
    assert.equal(verdict(allow('*', { Action: ['s3:*', 'EXECUTE-API:*'] })), 'allowed');
    assert.equal(verdict(allow('*', { Action: '*' })), 'allowed');
    assert.equal(verdict(allow('*', { Action: undefined, NotAction: 's3:*' })), 'allowed');
    assert.equal(verdict(allow('*', { Action: undefined, NotAction: 'execute-api:*' })), 'not allowed');
  });

  it('inverts NotResource', () => {
    const not = (NotResource: string) => allow(undefined, { NotResource });
    assert.equal(verdict(not(`${api}/*/POST/*`)), 'allowed');
    assert.equal(verdict(not(`${api}/*/GET/*`)), 'not allowed');
  });

  it('allows nothing by a condition that the router cannot check, and denies by it', () => {
    const Condition = { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } };
    assert.equal(verdict(allow('*', { Condition })), 'not allowed');
    assert.equal(verdict(allow(undefined, { NotResource: 'arn:x', Condition })), 'not allowed');
    assert.equal(verdict([allow('*'), deny('*', { Condition })]), 'denied');
  });

  it('is compared in a time that does not grow with the number of ways', () => {
    const begun = performance.now();
    assert.equal(verdict(allow(`${api}/${'*a'.repeat(30)}b`), `GET/${'a'.repeat(10_000)}`), 'not allowed');
    assert.ok(performance.now() - begun < 5000);
  });

  it('is malformed without statements', () => {
    const policies = [undefined, null, 'x', {}, { Statement: [] }, { Statement: ['x'] }, { Statement: [[allow('*')]] }];
    for (const policy of [...policies, { Version: '2012', Statement: allow('*') }]) {
      assert.throws(() => parsePolicy(policy), { name: 'MalformedAnswer' }, JSON.stringify(policy));
    }
  });

  it('is malformed as a whole with one statement that IAM would refuse', () => {
    const faults = [
      ...[{ Effect: 'deny' }, { Effect: undefined }, { Conditions: {} }, { Principal: '*' }],
      ...[undefined, null, 1, {}, [], [1], '', 'GET/users/1', [api, 'x'], `${api}/dev/GET/users/\${aws:userid}`].map(
        (Resource) => ({ Resource }),
      ),
      ...[undefined, null, 1, {}, [], [1], '', 'Invoke'].map((Action) => ({ Action })),
      { NotAction: 's3:*' },
      { NotResource: `${api}/*/POST/*` },
      { Action: undefined, NotAction: [] },
      { Resource: undefined, NotResource: [] },
      { Action: 's3:*', Resource: 'x' },
    ];
    for (const fault of faults) {
      const statements = [allow('*'), deny('*', fault)];
      assert.throws(() => verdict(statements), { name: 'MalformedAnswer' }, JSON.stringify(fault));
    }
  });
});
