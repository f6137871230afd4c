import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type FunctionConfiguration, parseFunction } from '../router/manifest.ts';
import { template } from './template.ts';

const folder = join(import.meta.dirname, '../../functions');

/** The project's own functions, as the build lists them. */
function ours(): FunctionConfiguration[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && readdirSync(join(folder, entry.name)).includes('function.json'))
    .map(({ name }) => {
      const configuration = JSON.parse(readFileSync(join(folder, name, 'function.json'), 'utf8'));
      return parseFunction({ name, ...configuration }, '/app/dist');
    });
}

function one(configuration: object): Record<string, unknown> {
  const { Resources } = template([parseFunction({ name: 'get-user', ...configuration }, '/app/dist')]);
  return Resources.GetUserFunction?.Properties as Record<string, unknown>;
}

test('every function of the project is there, and every route has its event', () => {
  const functions = ours();
  const { Resources } = template(functions);
  assert.ok(functions.length >= 9);
  const lambdas = Object.values(Resources).filter(({ Type }) => Type === 'AWS::Serverless::Function');
  assert.equal(lambdas.length, functions.length);
  const routes = lambdas.flatMap(({ Properties }) =>
    Object.values((Properties as { Events?: object }).Events ?? {}).map(({ Type, Properties: event }) => {
      assert.equal(Type, 'HttpApi');
      assert.deepEqual(event.ApiId, { Ref: 'Api' });
      assert.equal(event.PayloadFormatVersion, '2.0');
      return `${event.Method} ${event.Path}`;
    }),
  );
  assert.deepEqual(routes.sort(), functions.flatMap((configuration) => configuration.routes).sort());
});

test('migrate has no route, and is named for the deployment to invoke', () => {
  const { Resources, Outputs } = template(ours());
  assert.ok(!('Events' in (Resources.MigrateFunction?.Properties ?? {})));
  assert.deepEqual((Outputs.MigrateFunctionName as { Value: object }).Value, { Ref: 'MigrateFunction' });
});

test('each function runs its own handler of the one image', () => {
  const properties = one({ route: 'GET /users/{id}' });
  assert.equal(properties.PackageType, 'Image');
  assert.deepEqual(properties.ImageConfig, { Command: ['get-user/handler.handler'] });
});

test('a variable of function.json is a parameter, and absent when that is empty', () => {
  const { Parameters, Conditions, Resources } = template(ours());
  assert.ok('DatabaseUrl' in Parameters && 'RedisUrl' in Parameters);
  assert.deepEqual(Conditions.HasDatabaseUrl, { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'DatabaseUrl' }, ''] }] });
  const variable = { DATABASE_URL: { 'Fn::If': ['HasDatabaseUrl', { Ref: 'DatabaseUrl' }, { Ref: 'AWS::NoValue' }] } };
  assert.partialDeepStrictEqual(Resources.GetUserFunction?.Properties, { Environment: { Variables: variable } });
});

test('variables that Lambda sets itself are not handed to it', () => {
  assert.equal(one({ environment: ['AWS_REGION'] }).Environment, undefined);
});

test('limits become those that Lambda and the HTTP API take', () => {
  const properties = one({ route: '$default', timeout: 60, memorySize: 64, reservedConcurrentExecutions: 5 });
  assert.equal(properties.Timeout, 60);
  assert.equal(properties.MemorySize, 128);
  assert.equal(properties.ReservedConcurrentExecutions, 5);
  assert.deepEqual(properties.Events, {
    Route1: {
      Type: 'HttpApi',
      Properties: { ApiId: { Ref: 'Api' }, PayloadFormatVersion: '2.0', TimeoutInMillis: 30_000 },
    },
  });
  assert.equal(one({}).ReservedConcurrentExecutions, undefined);
});

test('names stay legal, and two that would become one are an error', () => {
  const named = (...names: string[]) => template(names.map((name) => parseFunction({ name }, '/app/dist')));
  assert.deepEqual(Object.keys(named('a-b', 'ab', 'A_c').Resources), ['Api', 'ABFunction', 'AbFunction', 'ACFunction']);
  assert.throws(() => named('a-b', 'a_b'), /a-b and a_b are the same name in CloudFormation/);
});
