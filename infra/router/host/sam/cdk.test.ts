import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { noticeLines, readFiles, routeKeys } from '../testing/project-files.ts';
import { readSam } from './read-sam.ts';

/** A function as `cdk synth` writes it. */
const asset = (folder: string, more: object = {}) => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    Code: { S3Bucket: { 'Fn::Sub': `cdk-\${AWS::AccountId}` }, S3Key: `${folder}.zip` },
    Handler: 'index.handler',
    Runtime: 'nodejs22.x',
    Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
    ...more,
  },
  Metadata: {
    'aws:cdk:path': `Stack/${folder}/Resource`,
    'aws:asset:path': `asset.${folder}`,
    'aws:asset:property': 'Code',
  },
});

const invocationUri = (name: string) => ({
  'Fn::Join': [
    '',
    [
      'arn:',
      { Ref: 'AWS::Partition' },
      ':apigateway:us-east-1:lambda:path/2015-03-31/functions/',
      { 'Fn::GetAtt': [name, 'Arn'] },
      '/invocations',
    ],
  ],
});

const resource = (Type: string, Properties: object) => ({ Type, Properties });

const restApi = {
  Hello: asset('hello', { Environment: { Variables: { TABLE: { Ref: 'Table' } } } }),
  Check: asset('check'),
  Table: resource('AWS::DynamoDB::Table', {}),
  Api: resource('AWS::ApiGateway::RestApi', { Name: 'Api' }),
  Users: resource('AWS::ApiGateway::Resource', {
    ParentId: { 'Fn::GetAtt': ['Api', 'RootResourceId'] },
    PathPart: 'users',
    RestApiId: { Ref: 'Api' },
  }),
  User: resource('AWS::ApiGateway::Resource', {
    ParentId: { Ref: 'Users' },
    PathPart: '{id}',
    RestApiId: { Ref: 'Api' },
  }),
  Auth: resource('AWS::ApiGateway::Authorizer', {
    Type: 'TOKEN',
    AuthorizerUri: invocationUri('Check'),
    IdentitySource: 'method.request.header.Authorization',
    RestApiId: { Ref: 'Api' },
  }),
  Root: resource('AWS::ApiGateway::Method', {
    HttpMethod: 'ANY',
    ResourceId: { 'Fn::GetAtt': ['Api', 'RootResourceId'] },
    RestApiId: { Ref: 'Api' },
    AuthorizationType: 'NONE',
    Integration: { Type: 'AWS_PROXY', Uri: invocationUri('Hello') },
  }),
  GetUser: resource('AWS::ApiGateway::Method', {
    HttpMethod: 'GET',
    ResourceId: { Ref: 'User' },
    RestApiId: { Ref: 'Api' },
    AuthorizationType: 'CUSTOM',
    AuthorizerId: { Ref: 'Auth' },
    Integration: { Type: 'AWS_PROXY', Uri: invocationUri('Hello') },
  }),
  Preflight: resource('AWS::ApiGateway::Method', {
    HttpMethod: 'OPTIONS',
    ResourceId: { Ref: 'User' },
    RestApiId: { Ref: 'Api' },
    Integration: {
      Type: 'MOCK',
      IntegrationResponses: [
        {
          StatusCode: '204',
          ResponseParameters: {
            'method.response.header.Access-Control-Allow-Origin': "'https://a.example'",
            'method.response.header.Access-Control-Allow-Methods': "'OPTIONS,GET'",
          },
        },
      ],
    },
  }),
  Stage: resource('AWS::ApiGateway::Stage', { StageName: 'live', RestApiId: { Ref: 'Api' } }),
};

const httpApi = {
  Hello: asset('web'),
  Api: resource('AWS::ApiGatewayV2::Api', { Name: 'Api', ProtocolType: 'HTTP' }),
  Integration: resource('AWS::ApiGatewayV2::Integration', {
    ApiId: { Ref: 'Api' },
    IntegrationType: 'AWS_PROXY',
    IntegrationUri: { 'Fn::GetAtt': ['Hello', 'Arn'] },
    PayloadFormatVersion: '2.0',
  }),
  Jwt: resource('AWS::ApiGatewayV2::Authorizer', {
    ApiId: { Ref: 'Api' },
    AuthorizerType: 'JWT',
    IdentitySource: ['$request.header.Authorization'],
    JwtConfiguration: { Audience: ['a'], Issuer: 'https://issuer.example' },
  }),
  Route: resource('AWS::ApiGatewayV2::Route', {
    ApiId: { Ref: 'Api' },
    RouteKey: 'GET /web/{proxy+}',
    Target: { 'Fn::Join': ['', ['integrations/', { Ref: 'Integration' }]] },
    AuthorizationType: 'JWT',
    AuthorizerId: { Ref: 'Jwt' },
    AuthorizationScopes: ['read'],
  }),
  Url: resource('AWS::Lambda::Url', { AuthType: 'AWS_IAM', TargetFunctionArn: { 'Fn::GetAtt': ['Hello', 'Arn'] } }),
  Rule: resource('AWS::Events::Rule', {
    ScheduleExpression: 'rate(1 day)',
    State: 'ENABLED',
    Targets: [{ Arn: { 'Fn::GetAtt': ['Hello', 'Arn'] }, Id: 'Target0', Input: '{"a":1}' }],
  }),
};

/** Every template of CDK has this parameter for its deployment. */
const BootstrapVersion = { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/hnb659fds/version' };

const files = {
  'Rest.template.json': JSON.stringify({ Resources: restApi, Parameters: { BootstrapVersion } }, null, 1),
  'nested/Http.template.json': JSON.stringify({ Resources: httpApi }, null, 1),
  'manifest.json': JSON.stringify({
    artifacts: {
      Rest: { type: 'aws:cloudformation:stack', properties: { templateFile: 'Rest.template.json' } },
      Tree: { type: 'cdk:tree', properties: { file: 'tree.json' } },
      Stage: { type: 'cdk:cloud-assembly', properties: { directoryName: 'nested' } },
    },
  }),
  'nested/manifest.json': JSON.stringify({
    artifacts: { Http: { type: 'aws:cloudformation:stack', properties: { templateFile: 'Http.template.json' } } },
  }),
  'asset.hello/': '',
  'asset.check/': '',
  'nested/asset.web/': '',
};

test('all stacks that `cdk synth` wrote become one project', async (t) => {
  const project = await readFiles(t, readSam, '', files);
  assert.deepEqual(routeKeys(project), {
    Hello: ['ANY /', 'GET /users/{id}'],
    Check: [],
    'Http-Hello': ['GET /web/{proxy+}', '$default'],
  });
  assert.deepEqual(
    project.functions.map(({ codeFolder, packaging, fault }) => [codeFolder, packaging, fault]),
    ['asset.hello', 'asset.check', 'nested/asset.web'].map((folder) => [
      join(project.folder, folder),
      'as-is',
      undefined,
    ]),
  );
  assert.equal(noticeLines(project).length, 1);
  assert.match(
    noticeLines(project).join(),
    /^Rest\.template\.json:\d+ Table \(AWS::DynamoDB::Table\) is not created here/,
  );
});

test('a route whose authorization is misspelt is not open', async (t) => {
  const target = { 'Fn::Join': ['', ['integrations/', { Ref: 'Integration' }]] };
  for (const own of [
    { authorizationType: 'JWT', authorizerId: { Ref: 'Jwt' } },
    { AuthorisationType: 'JWT', AuthoriserId: { Ref: 'Jwt' } },
    { ' AuthorizationType': 'JWT' },
    { SecurityType: 'JWT' },
    {},
  ]) {
    const properties = { ApiId: { Ref: 'Api' }, RouteKey: 'GET /web', Target: target, ...own };
    const Route = resource('AWS::ApiGatewayV2::Route', properties);
    const project = await readFiles(t, readSam, 'A.template.json', {
      'A.template.json': JSON.stringify({ Resources: { ...httpApi, Route } }),
      'asset.web/': '',
    });
    const expected = Object.keys(own).length > 0 ? 'unsupported' : undefined;
    assert.equal(project.functions[0]?.routes[0]?.authorizer?.type, expected, JSON.stringify(own));
  }
});

test('an asset without metadata is found by the hash that is its key in S3', async (t) => {
  const hash = 'a'.repeat(64);
  const { Metadata, ...one } = asset(hash);
  const project = await readFiles(t, readSam, 'A.template.json', {
    'A.template.json': JSON.stringify({ Resources: { One: one } }),
    [`asset.${hash}/`]: '',
  });
  assert.deepEqual(project.functions[0]?.codeFolder, join(project.folder, `asset.${hash}`));
});

test('routes of REST APIs have their stage, authorizer and CORS headers', async (t) => {
  const project = await readFiles(t, readSam, 'Rest.template.json', files);
  const [root, user] = project.functions[0]?.routes ?? [];
  assert.deepEqual(
    [root?.api, root?.stage, root?.payloadFormatVersion, root?.authorizer],
    ['rest', 'live', '1.0', undefined],
  );
  assert.equal(root?.cors, undefined);
  assert.deepEqual(user?.cors, { allowOrigins: ['https://a.example'], allowMethods: ['OPTIONS', 'GET'] });
  assert.deepEqual(user?.authorizer, {
    type: 'token',
    name: 'Auth',
    function: 'Check',
    payloadFormatVersion: '1.0',
    simpleResponses: false,
    identitySource: ['method.request.header.Authorization'],
    ttl: 300,
    validation: undefined,
  });
});

test('an authorizer of a REST API keeps its type and ttl, and AWS_IAM is not one of them', async (t) => {
  const authorizerOf = async (auth: object, method: object = {}) => {
    const Resources = {
      ...restApi,
      Auth: resource('AWS::ApiGateway::Authorizer', { ...restApi.Auth.Properties, ...auth }),
      GetUser: resource('AWS::ApiGateway::Method', { ...restApi.GetUser.Properties, ...method }),
    };
    const project = await readFiles(t, readSam, 'A.template.json', {
      'A.template.json': JSON.stringify({ Resources }),
    });
    return project.functions[0]?.routes[1]?.authorizer;
  };
  const IdentitySource = 'method.request.header.A, method.request.querystring.b';
  const asked = await authorizerOf({ Type: 'REQUEST', IdentitySource, AuthorizerResultTtlInSeconds: 0 });
  assert.ok(asked?.type === 'request');
  assert.deepEqual([asked.ttl, asked.identitySource], [0, IdentitySource.split(', ')]);
  assert.deepEqual(await authorizerOf({}, { AuthorizationType: 'AWS_IAM' }), { type: 'unsupported', name: 'AWS_IAM' });
});

test('a disabled schedule and events of a queue reach no function, and a notice says so', async (t) => {
  const Arn = { 'Fn::GetAtt': ['Hello', 'Arn'] };
  const Resources = {
    Hello: asset('web'),
    On: resource('AWS::Scheduler::Schedule', { ScheduleExpression: 'rate(1 day)', Target: { Arn } }),
    Off: resource('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'rate(2 days)',
      State: 'DISABLED',
      Target: { Arn },
    }),
    Mapping: resource('AWS::Lambda::EventSourceMapping', { FunctionName: { Ref: 'Hello' }, EventSourceArn: 'arn' }),
  };
  const project = await readFiles(t, readSam, 'A.template.json', {
    'A.template.json': JSON.stringify({ Resources }),
    'asset.web/': '',
  });
  assert.deepEqual(
    project.functions[0]?.schedules.map((schedule) => Object(schedule).expression),
    ['rate(1 day)'],
  );
  assert.deepEqual(
    noticeLines(project).map((line) => line.replace(/^\S+ /, '')),
    [
      'the schedule "rate(2 days)" of Hello is disabled',
      'the events of Mapping do not reach Hello here: invoke it by hand with a sample event',
    ],
  );
});

test('routes of a WebSocket API are left out with it', async (t) => {
  const Resources = {
    ...httpApi,
    Api: resource('AWS::ApiGatewayV2::Api', { Name: 'Api', ProtocolType: 'WEBSOCKET' }),
    Route: resource('AWS::ApiGatewayV2::Route', { ...httpApi.Route.Properties, RouteKey: '$connect' }),
  };
  const project = await readFiles(t, readSam, 'A.template.json', {
    'A.template.json': JSON.stringify({ Resources }),
    'asset.web/': '',
  });
  assert.deepEqual(routeKeys(project), { Hello: ['$default'] });
  assert.equal(noticeLines(project).length, 1);
  assert.match(noticeLines(project).join(), /the host serves no WebSocket API: Api is left out$/);
});

test('a route that names an authorizer and no AuthorizationType is not open', async (t) => {
  const { AuthorizationType: _, ...properties } = httpApi.Route.Properties as Record<string, unknown>;
  const Resources = { ...httpApi, Route: { ...httpApi.Route, Properties: properties } };
  const project = await readFiles(t, readSam, 'A.template.json', { 'A.template.json': JSON.stringify({ Resources }) });
  assert.equal(project.functions[0]?.routes[0]?.authorizer?.type, 'unsupported');
});

test('routes of HTTP APIs, Function URLs and rules reach their function', async (t) => {
  const project = await readFiles(t, readSam, 'nested/Http.template.json', files);
  const [route, url] = project.functions[0]?.routes ?? [];
  assert.deepEqual([route?.api, route?.stage, route?.payloadFormatVersion], ['http', '$default', '2.0']);
  assert.deepEqual(route?.authorizer, {
    type: 'jwt',
    issuer: 'https://issuer.example',
    audience: ['a'],
    scopes: ['read'],
    identitySource: '$request.header.Authorization',
  });
  assert.deepEqual([url?.api, url?.authorizer], ['url', { type: 'unsupported', name: 'AWS_IAM' }]);
  assert.deepEqual(project.functions[0]?.schedules, [{ name: 'Rule', expression: 'rate(1 day)', input: { a: 1 } }]);
});
