import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseFunction, readManifest } from '../router/manifest.ts';
import { template } from './template.ts';

/** The project's own functions, as the build lists them. */
const functions = readManifest(join(import.meta.dirname, '../../dist'));

/** @returns the properties of one Lambda function in the template */
function propertiesOf(configuration: object): Record<string, unknown> {
  const { Resources } = template([parseFunction({ name: 'get-user', ...configuration }, '/app/dist')]);
  return Resources.GetUserFunction?.Properties as Record<string, unknown>;
}

test('contains every function of the project, and an event for every route', () => {
  const { Resources } = template(functions);
  assert.ok(functions.length >= 9);
  const lambdas = Object.values(Resources).filter(({ Type }) => Type === 'AWS::Serverless::Function');
  assert.equal(lambdas.length, functions.length);
  const routes = lambdas.flatMap(({ Properties }) =>
    Object.values((Properties as { Events?: object }).Events ?? {}).map(({ Type, Properties: event }) => {
      assert.equal(Type, 'HttpApi');
      assert.deepEqual(event.ApiId, { Ref: 'Api' });
      assert.equal(event.PayloadFormatVersion, '2.0');
      return event.Path === undefined ? '$default' : `${event.Method} ${event.Path}`;
    }),
  );
  assert.deepEqual(routes.sort(), functions.flatMap((configuration) => configuration.routes).sort());
});

test('gives migrate no route, and outputs its name, so that a deployment can invoke it', () => {
  const { Resources, Outputs } = template(functions);
  assert.ok(!('Events' in (Resources.MigrateFunction?.Properties ?? {})));
  assert.deepEqual((Outputs.MigrateFunctionName as { Value: object }).Value, { Ref: 'MigrateFunction' });
});

test('gives each function its own handler in the shared image', () => {
  const properties = propertiesOf({ route: 'GET /users/{id}' });
  assert.equal(properties.PackageType, 'Image');
  assert.deepEqual(properties.ImageConfig, { Command: ['get-user/handler.handler'] });
});

test('makes each variable of function.json a parameter, and omits the variable when the parameter is empty', () => {
  const { Parameters, Conditions, Resources } = template(functions);
  assert.ok('DatabaseUrl' in Parameters && 'RedisUrl' in Parameters);
  assert.deepEqual(Conditions.HasDatabaseUrl, { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'DatabaseUrl' }, ''] }] });
  const variable = { DATABASE_URL: { 'Fn::If': ['HasDatabaseUrl', { Ref: 'DatabaseUrl' }, { Ref: 'AWS::NoValue' }] } };
  assert.partialDeepStrictEqual(Resources.GetUserFunction?.Properties, { Environment: { Variables: variable } });
});

test('omits variables that Lambda sets itself', () => {
  assert.equal(propertiesOf({ environment: ['AWS_REGION'] }).Environment, undefined);
});

test('keeps limits within the ranges of Lambda and HTTP APIs', () => {
  const properties = propertiesOf({ route: '$default', timeout: 60, memorySize: 64, reservedConcurrentExecutions: 5 });
  assert.equal(properties.Timeout, 60);
  assert.equal(properties.MemorySize, 128);
  assert.equal(properties.ReservedConcurrentExecutions, 5);
  assert.deepEqual(properties.Events, {
    Route1: {
      Type: 'HttpApi',
      Properties: { ApiId: { Ref: 'Api' }, PayloadFormatVersion: '2.0', TimeoutInMillis: 30_000 },
    },
  });
  assert.equal(propertiesOf({}).ReservedConcurrentExecutions, undefined);
});

test('makes legal names, and throws when two functions would get the same name', () => {
  const named = (...names: string[]) => template(names.map((name) => parseFunction({ name }, '/app/dist')));
  assert.deepEqual(Object.keys(named('a-b', 'ab', 'A_c').Resources), ['Api', 'ABFunction', 'AbFunction', 'ACFunction']);
  assert.throws(() => named('a-b', 'a_b'), /a-b and a_b are the same name in CloudFormation/);
});
