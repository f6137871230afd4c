import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseConfig } from '../../router/config.ts';
import { parseFunction, readManifest } from '../../router/manifest.ts';
import { functionsTemplate } from './functions.ts';

/** The project's own functions, as the build lists them. */
const functions = readManifest(join(import.meta.dirname, '../../../dist'));
const schema = { version: 6, hash: 'abc' };

/** @param env settings of the router */
function templateOf(list: typeof functions, env: Record<string, string> = {}, concurrency = 400) {
  return functionsTemplate(list, { api: parseConfig(env), concurrency, schema });
}

/** @returns the properties of one Lambda function in the template */
function propertiesOf(configuration: object): Record<string, unknown> {
  const { Resources } = templateOf([parseFunction({ name: 'get-user', ...configuration }, '/app/dist')]);
  return Resources.GetUserFunction?.Properties as Record<string, unknown>;
}

test('contains every function of the project, and an event for every route', () => {
  const { Resources } = templateOf(functions);
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
  assert.deepEqual(routes.sort(), functions.flatMap((one) => one.routes.map(({ key }) => key)).sort());
});

test('contains the schedules of a function as events of its service', () => {
  const scheduler = { expression: 'rate(1 hour)', service: 'scheduler', timezone: 'Europe/Berlin', input: { a: 1 } };
  assert.deepEqual(propertiesOf({ schedules: ['cron(0 12 * * ? *)', scheduler] }).Events, {
    Schedule1: { Type: 'Schedule', Properties: { Schedule: 'cron(0 12 * * ? *)' } },
    Schedule2: {
      Type: 'ScheduleV2',
      Properties: {
        ScheduleExpression: 'rate(1 hour)',
        ScheduleExpressionTimezone: 'Europe/Berlin',
        Input: '{"a":1}',
      },
    },
  });
});

test('runs the migrations before any other function changes, whenever they or the database change', () => {
  const { Resources } = templateOf(functions);
  assert.ok(!('Events' in (Resources.MigrateFunction?.Properties ?? {})));
  assert.equal(Resources.MigrateFunction?.DependsOn, undefined);
  assert.deepEqual(Resources.MigrateMigration?.Properties, {
    ServiceToken: { 'Fn::GetAtt': ['MigrateFunction', 'Arn'] },
    ServiceTimeout: 960,
    SchemaVersion: 6,
    MigrationsHash: 'abc',
    DatabaseUrl: { Ref: 'DatabaseUrl' },
  });
  for (const [name, { Type, DependsOn }] of Object.entries(Resources)) {
    if (Type !== 'AWS::Serverless::Function' || name === 'MigrateFunction') continue;
    assert.deepEqual(DependsOn, ['MigrateMigration'], name);
  }
});

test('gives each function its own handler in the shared image', () => {
  const properties = propertiesOf({ route: 'GET /users/{id}' });
  assert.equal(properties.PackageType, 'Image');
  assert.deepEqual(properties.ImageConfig, { Command: ['functions/get-user/handler.handler'] });
});

test('makes each variable of function.json a parameter, and omits the variable when the parameter is empty', () => {
  const { Parameters, Conditions, Resources } = templateOf(functions);
  assert.ok('DatabaseUrl' in Parameters && 'RedisUrl' in Parameters);
  assert.deepEqual(Conditions?.HasDatabaseUrl, { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'DatabaseUrl' }, ''] }] });
  const variable = { DATABASE_URL: { 'Fn::If': ['HasDatabaseUrl', { Ref: 'DatabaseUrl' }, { Ref: 'AWS::NoValue' }] } };
  assert.partialDeepStrictEqual(Resources.GetUserFunction?.Properties, { Environment: { Variables: variable } });
});

test('omits variables that Lambda sets itself', () => {
  assert.equal(propertiesOf({ environment: ['AWS_REGION'] }).Environment, undefined);
});

test('passes where a password is, and takes no URL that contains one', () => {
  const one = parseFunction({ name: 'get-user', environment: ['DATABASE_URL', 'DATABASE_PASSWORD'] }, '/app/dist');
  const { Parameters, Resources } = templateOf([one]);
  const { Properties } = Resources.GetUserFunction as { Properties: { Environment: { Variables: object } } };
  const variables = Properties.Environment.Variables;
  const secret = { 'Fn::Sub': `\${DatabaseSecretArn}:password::` };
  assert.deepEqual(Reflect.get(variables, 'DATABASE_PASSWORD_SECRET'), {
    'Fn::If': ['HasDatabaseSecretArn', secret, { Ref: 'AWS::NoValue' }],
  });
  assert.ok(!('DatabasePassword' in Parameters) && !('DATABASE_PASSWORD' in variables));
  const pattern = new RegExp(Parameters.DatabaseUrl?.AllowedPattern ?? '');
  for (const url of ['', 'postgres://u@h:5432/d?sslmode=verify-full', 'sqlite:/tmp/a.db']) assert.match(url, pattern);
  for (const url of ['postgres://u:p@h/d', 'postgres://:p@h/d']) assert.doesNotMatch(url, pattern);
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
});

test('keeps environments warm where function.json asks for it', () => {
  assert.deepEqual(propertiesOf({ provisionedConcurrency: 2 }).ProvisionedConcurrencyConfig, {
    ProvisionedConcurrentExecutions: 2,
  });
  assert.equal(propertiesOf({}).ProvisionedConcurrencyConfig, undefined);
  assert.equal(propertiesOf({}).AutoPublishAlias, 'live');
});

test('limits the rate of routes as the router does, and answers other origins as it does', () => {
  const throttled = parseFunction(
    { name: 'get-user', route: 'GET /a', throttling: { rateLimit: 5, burstLimit: 10 } },
    '/app/dist',
  );
  const env = {
    PUBLISH_ADDRESS: '0.0.0.0',
    ALLOW_ANONYMOUS: '1',
    CORS_ALLOW_ORIGINS: 'https://a.example',
    CORS_ALLOW_METHODS: 'GET,PUT',
  };
  const { Resources } = templateOf([throttled], env);
  assert.partialDeepStrictEqual(Resources.Api?.Properties, {
    DefaultRouteSettings: { ThrottlingRateLimit: 2000, ThrottlingBurstLimit: 4000 },
    CorsConfiguration: { AllowOrigins: ['https://a.example'], AllowMethods: ['GET', 'PUT'] },
  });
  assert.partialDeepStrictEqual(Resources.GetUserFunction?.Properties, {
    Events: { Route1: { Properties: { RouteSettings: { ThrottlingRateLimit: 5, ThrottlingBurstLimit: 10 } } } },
  });
  assert.equal(Reflect.get(templateOf([throttled]).Resources.Api?.Properties ?? {}, 'CorsConfiguration'), undefined);
});

test('makes legal names, and throws when two functions would get the same name', () => {
  const named = (...names: string[]) => templateOf(names.map((name) => parseFunction({ name }, '/app/dist')));
  const ids = Object.keys(named('a-b', 'ab', 'A_c').Resources).filter((id) => id.endsWith('Function'));
  assert.deepEqual(ids, ['ABFunction', 'AbFunction', 'ACFunction']);
  assert.throws(() => named('a-b', 'a_b'), /a-b and a_b are the same name in CloudFormation/);
});
