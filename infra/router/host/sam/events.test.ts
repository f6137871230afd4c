import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Project } from '../project.ts';
import { faultLine, functionFaults, noticeLines, readFiles, routeKeys } from '../testing/project-files.ts';
import { readSam } from './read-sam.ts';

const read = (t: TestContext, template: string) =>
  readFiles(t, readSam, 'template.yaml', { 'template.yaml': `${defaults}${template}`, 'src/': '' });

/** Three lines, so that line 4 is the first one of a test's template. */
const defaults = `
Globals: {Function: {Runtime: nodejs24.x, CodeUri: src, Handler: a.b}}
Resources:
`;

const routesOf = (project: Project, name: string) => project.functions.find((one) => one.name === name)?.routes;

test('events of HTTP APIs, REST APIs and a Function URL become routes of their format', async (t) => {
  const project = await read(
    t,
    `  Rest: {Type: AWS::Serverless::Api, Properties: {StageName: live}}
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      FunctionUrlConfig: {AuthType: NONE}
      Events:
        Http: {Type: HttpApi, Properties: {Path: '/users/{id}', Method: get}}
        Old: {Type: HttpApi, Properties: {Path: /old, Method: POST, PayloadFormatVersion: 1.0}}
        All: {Type: HttpApi}
        Implicit: {Type: Api, Properties: {Path: '/{proxy+}', Method: any}}
        Own: {Type: Api, Properties: {Path: /own, Method: put, RestApiId: !Ref Rest}}
`,
  );
  const route = { authorizer: undefined, cors: undefined };
  assert.deepEqual(routesOf(project, 'Hello'), [
    { ...route, key: 'GET /users/{id}', api: 'http', stage: '$default', payloadFormatVersion: '2.0' },
    { ...route, key: 'POST /old', api: 'http', stage: '$default', payloadFormatVersion: '1.0' },
    { ...route, key: '$default', api: 'http', stage: '$default', payloadFormatVersion: '2.0' },
    { ...route, key: 'ANY /{proxy+}', api: 'rest', stage: 'Prod', payloadFormatVersion: '1.0' },
    { ...route, key: 'PUT /own', api: 'rest', stage: 'live', payloadFormatVersion: '1.0' },
    { ...route, key: '$default', api: 'url', stage: '$default', payloadFormatVersion: '2.0' },
  ]);
  assert.deepEqual(project.notices, []);
});

test('the API that SAM adds has the settings of Globals, so that its authorizer keeps its routes closed', async (t) => {
  const project = await readFiles(t, readSam, 'template.yaml', {
    'src/': '',
    'template.yaml': `
Globals:
  Function: {Runtime: nodejs24.x, CodeUri: src, Handler: a.b}
  HttpApi: {Auth: {DefaultAuthorizer: Jwt, Authorizers: {Jwt: {IdentitySource: $request.header.A, JwtConfiguration: {issuer: 'https://i', audience: [a]}}}}}
Resources:
  Hello: {Type: AWS::Serverless::Function, Properties: {Events: {A: {Type: HttpApi, Properties: {Path: /a, Method: GET}}}}}
`,
  });
  assert.equal(routesOf(project, 'Hello')?.[0]?.authorizer?.type, 'jwt');
});

test('no route is open because of an Auth that the host can not read', async (t) => {
  const authorizers = 'Authorizers: {Own: {FunctionArn: !GetAtt Hello.Arn, EnableSimpleResponses: true}}';
  const auth = `{DefaultAuthorizer: Own, ${authorizers}}`;
  const cases: [string, string | undefined][] = [
    [auth, 'request'],
    [`!If [Holds, ${auth}, !Ref AWS::NoValue]`, 'request'],
    [`!If [Fails, ${auth}, !Ref AWS::NoValue]`, undefined],
    [
      `{DefaultAuthorizer: Own, Authorizers: !If [Holds, {Own: !If [Holds, {FunctionArn: !GetAtt Hello.Arn}, a]}, {}]}`,
      'request',
    ],
    ['Own', 'unsupported'],
    ['[Own]', 'unsupported'],
    [`{DefaultAuthoriser: Own, ${authorizers}}`, 'unsupported'],
  ];
  for (const api of ['HttpApi', 'Api']) {
    for (const where of ['Globals', 'Resources']) {
      for (const [value, expected] of cases) {
        const template = `Transform: AWS::Serverless-2016-10-31
Conditions: {Holds: !Equals [a, a], Fails: !Equals [a, b]}
Globals: {${where === 'Globals' ? `${api}: {Auth: ${value}}` : ''}}
Resources:
  ${where === 'Globals' ? 'Other' : api}: {Type: AWS::Serverless::${api}, Properties: {StageName: dev${where === 'Globals' ? '' : `, Auth: ${value}`}}}
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Handler: a.b
      Runtime: nodejs24.x
      Events: {A: {Type: ${api}, Properties: {Path: /a, Method: GET${where === 'Globals' ? '' : `, ${api === 'Api' ? 'RestApiId' : 'ApiId'}: !Ref ${api}`}}}}
`;
        const project = await readFiles(t, readSam, 'template.yaml', { 'template.yaml': template });
        assert.deepEqual(functionFaults(project), [], value);
        const type = routesOf(project, 'Hello')?.[0]?.authorizer?.type;
        assert.equal(type, expected === 'request' && api === 'Api' ? 'token' : expected, `${api} ${where} ${value}`);
      }
    }
  }
});

test('a Function URL is open only where its AuthType is NONE', async (t) => {
  const project = await read(
    t,
    `  Mode: {Type: AWS::SSM::Parameter, Properties: {Value: x}}
  Hello: {Type: AWS::Serverless::Function, Properties: {FunctionUrlConfig: {AuthType: aws_iam}}}
  Other: {Type: AWS::Serverless::Function, Properties: {FunctionUrlConfig: {AuthType: !GetAtt Mode.Value}}}
  Chosen: {Type: AWS::Serverless::Function, Properties: {FunctionUrlConfig: !If [Holds, {AuthType: AWS_IAM}, !Ref AWS::NoValue]}}
  None: {Type: AWS::Serverless::Function, Properties: {FunctionUrlConfig: !If [Holds, !Ref AWS::NoValue, {AuthType: NONE}]}}
  Missing: {Type: AWS::Serverless::Function, Properties: {FunctionUrlConfig: {AuthType: !Ref AWS::NoValue}}}
  Open: {Type: AWS::Serverless::Function, Properties: {FunctionUrlConfig: {AuthType: NONE}}}
Conditions: {Holds: !Equals [a, a]}
`,
  );
  const authorizers = project.functions.map(({ routes }) => routes[0]?.authorizer?.type);
  assert.deepEqual(authorizers, [...Array(3).fill('unsupported'), undefined, 'unsupported', undefined]);
  assert.deepEqual([routesOf(project, 'None')?.length, routesOf(project, 'Open')?.length], [0, 1]);
});

test('schedules keep their input, and a notice names those that do not run and events that have to be invoked by hand', async (t) => {
  const project = await read(
    t,
    `  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Often: {Type: Schedule, Properties: {Schedule: rate(5 minutes), Input: '{"a": 1}'}}
        Nightly: {Type: ScheduleV2, Properties: {ScheduleExpression: cron(0 3 * * ? *)}}
        Off: {Type: Schedule, Properties: {Schedule: rate(1 hour), Enabled: false}}
        Once: {Type: ScheduleV2, Properties: {ScheduleExpression: at(2030-01-01T00:00:00), ScheduleExpressionTimezone: Europe/Berlin, EndDate: x}}
        Wrong: {Type: Schedule, Properties: {Schedule: cron(0 12 * * *)}}
        Queue: {Type: SQS, Properties: {Queue: !GetAtt Jobs.Arn}}
  Jobs: {Type: AWS::SQS::Queue}
`,
  );
  assert.deepEqual(project.functions[0]?.schedules, [
    { name: 'HelloOften', expression: 'rate(5 minutes)', input: { a: 1 } },
    { name: 'HelloNightly', expression: 'cron(0 3 * * ? *)', service: 'scheduler', timezone: 'UTC' },
    { name: 'HelloOnce', expression: 'at(2030-01-01T00:00:00)', service: 'scheduler', timezone: 'Europe/Berlin' },
  ]);
  assert.deepEqual(noticeLines(project), [
    'template.yaml:10 the schedule "rate(1 hour)" of Hello is disabled',
    'template.yaml:11 EndDate of a schedule has no effect here',
    'template.yaml:12 the schedule "cron(0 12 * * *)" of Hello does not run here: cron(…) takes six fields, and there are 5: minutes, hours, day of month, month, day of week, year',
    'template.yaml:13 SQS events do not reach Hello here: invoke it by hand with a sample event',
  ]);
});

test('authorizers of an HTTP API: a default one, another one by name, and none', async (t) => {
  const project = await read(
    t,
    `  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        DefaultAuthorizer: Tokens
        Authorizers:
          Tokens:
            JwtConfiguration: {issuer: 'https://issuer.example', audience: [one, two]}
            AuthorizationScopes: [read]
          Own:
            FunctionArn: !GetAtt Check.Arn
            AuthorizerPayloadFormatVersion: 2.0
            EnableSimpleResponses: true
            Identity: {Headers: [X-Key], QueryStrings: [key], ReauthorizeEvery: 60}
  Check: {Type: AWS::Serverless::Function}
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /a, Method: GET}}
        B: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /b, Method: GET, Auth: {Authorizer: Own}}}
        C: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /c, Method: GET, Auth: {Authorizer: NONE}}}
        D: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /d, Method: GET, Auth: {AuthorizationScopes: [write]}}}
        E: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /e, Method: GET, Auth: {Authorizer: AWS_IAM}}}
`,
  );
  const jwt = {
    type: 'jwt',
    issuer: 'https://issuer.example',
    audience: ['one', 'two'],
    scopes: ['read'],
    identitySource: '$request.header.Authorization',
  };
  assert.deepEqual(
    routesOf(project, 'Hello')?.map(({ authorizer }) => authorizer),
    [
      jwt,
      {
        type: 'request',
        name: 'Api Own',
        function: 'Check',
        payloadFormatVersion: '2.0',
        simpleResponses: true,
        identitySource: ['$request.header.X-Key', '$request.querystring.key'],
        ttl: 60,
        validation: undefined,
      },
      undefined,
      { ...jwt, scopes: ['write'] },
      { type: 'unsupported', name: 'AWS_IAM' },
    ],
  );
});

test('authorizers of a REST API: TOKEN, REQUEST, and Cognito, which the host does not have', async (t) => {
  const project = await read(
    t,
    `  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: dev
      Auth:
        DefaultAuthorizer: Token
        Authorizers:
          Token: {FunctionArn: !GetAtt Check.Arn, Identity: {ValidationExpression: '^Bearer '}}
          Request: {FunctionArn: !GetAtt Check.Arn, FunctionPayloadType: REQUEST, Identity: {Headers: [A], Context: [path], ReauthorizeEvery: 0}}
          Pool: {UserPoolArn: x}
  Check: {Type: AWS::Serverless::Function, Properties: {FunctionName: check-it}}
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /a, Method: GET}}
        B: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /b, Method: GET, Auth: {Authorizer: Request}}}
        C: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /c, Method: GET, Auth: {Authorizer: Pool}}}
`,
  );
  const lambda = { function: 'check-it', payloadFormatVersion: '1.0', simpleResponses: false };
  assert.deepEqual(
    routesOf(project, 'Hello')?.map(({ authorizer }) => authorizer),
    [
      {
        ...lambda,
        type: 'token',
        name: 'Api Token',
        identitySource: ['method.request.header.Authorization'],
        ttl: 300,
        validation: '^Bearer ',
      },
      {
        ...lambda,
        type: 'request',
        name: 'Api Request',
        identitySource: ['method.request.header.A', 'context.path'],
        ttl: 0,
        validation: undefined,
      },
      { type: 'unsupported', name: 'Cognito' },
    ],
  );
});

test('a route never becomes open because its authorizer is missing: the function has a fault', async (t) => {
  const project = await read(
    t,
    `  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: HttpApi, Properties: {Path: /a, Method: GET, Auth: {Authorizer: Nobody}}}
`,
  );
  assert.deepEqual(functionFaults(project), [
    'Hello: template.yaml:8 the authorizer Nobody is not in the Authorizers of the API',
  ]);
  assert.deepEqual(routesOf(project, 'Hello'), []);
});

test('routes have the CORS settings of their API or Function URL', async (t) => {
  const project = await read(
    t,
    `  Web:
    Type: AWS::Serverless::HttpApi
    Properties:
      CorsConfiguration: {AllowOrigins: [https://a.example], AllowMethods: [GET], AllowHeaders: ['*'], MaxAge: 60, AllowCredentials: true}
  Open: {Type: AWS::Serverless::HttpApi, Properties: {CorsConfiguration: true}}
  Rest: {Type: AWS::Serverless::Api, Properties: {StageName: dev, Cors: {AllowOrigin: "'https://a.example'", AllowHeaders: "'a,b'", AllowCredentials: true, MaxAge: "'60'"}}}
  Text: {Type: AWS::Serverless::Api, Properties: {StageName: dev, Cors: "'*'"}}
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      FunctionUrlConfig: {AuthType: NONE, Cors: {AllowOrigins: ['*'], ExposeHeaders: [etag]}}
      Events:
        A: {Type: HttpApi, Properties: {ApiId: !Ref Web, Path: /a, Method: GET}}
        B: {Type: HttpApi, Properties: {ApiId: !Ref Open, Path: /b, Method: GET}}
        C: {Type: Api, Properties: {RestApiId: !Ref Rest, Path: /c, Method: PUT}}
        D: {Type: Api, Properties: {RestApiId: !Ref Text, Path: /d, Method: ANY}}
        E: {Type: HttpApi, Properties: {Path: /e, Method: GET}}
`,
  );
  assert.deepEqual(noticeLines(project), []);
  const origin = { allowOrigins: ['https://a.example'] };
  assert.deepEqual(Object.fromEntries((routesOf(project, 'Hello') ?? []).map(({ key, cors }) => [key, cors])), {
    'GET /a': { ...origin, allowMethods: ['GET'], allowHeaders: ['*'], maxAge: 60, allowCredentials: true },
    'GET /b': { allowOrigins: ['*'] },
    'PUT /c': {
      ...origin,
      allowMethods: ['OPTIONS', 'PUT'],
      allowHeaders: ['a', 'b'],
      maxAge: 60,
      allowCredentials: true,
    },
    'ANY /d': { allowOrigins: ['*'], allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] },
    'GET /e': undefined,
    $default: { allowOrigins: ['*'], exposeHeaders: ['etag'] },
  });
});

test('two alike routes of one API stop the reading with both places, whatever their parameters are called', async (t) => {
  const reading = read(
    t,
    `  One: {Type: AWS::Serverless::Function, Properties: {Events: {
    A: {Type: HttpApi, Properties: {Path: '/users/{id}', Method: GET}}}}}
  Two: {Type: AWS::Serverless::Function, Properties: {Events: {
    B: {Type: HttpApi, Properties: {Path: '/users/{name}', Method: get}}}}}
`,
  );
  assert.equal(
    await faultLine(reading),
    'template.yaml:7 the route "GET /users/{name}" of Two is already One\'s in template.yaml:5: change one',
  );
});

test('a route that API Gateway would refuse is left out with a notice', async (t) => {
  const project = await read(
    t,
    `  One:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Greedy: {Type: HttpApi, Properties: {Path: '/{all+}/more', Method: GET}}
        Partial: {Type: HttpApi, Properties: {Path: '/v{id}', Method: GET}}
        Method: {Type: HttpApi, Properties: {Path: /users, Method: LINK}}
`,
  );
  assert.deepEqual(routeKeys(project), { One: [] });
  const faults = noticeLines(project).map((line) => line.replace(/.* is left out: /, ''));
  assert.deepEqual(faults.slice(0, 2), [
    'a {parameter+} is the last segment of a path',
    'a segment of a path is text or one {parameter}',
  ]);
  assert.match(faults[2] ?? '', /^the method is none of GET, /);
});

test('of alike routes of two APIs the first one is served, since both APIs share one address here', async (t) => {
  const project = await read(
    t,
    `  One: {Type: AWS::Serverless::Function, Properties: {Events: {
    A: {Type: HttpApi, Properties: {Path: /users, Method: GET}}}}}
  Two: {Type: AWS::Serverless::Function, Properties: {Events: {
    B: {Type: Api, Properties: {Path: /users, Method: GET}}}}}
`,
  );
  assert.deepEqual(routeKeys(project), { One: ['GET /users'], Two: [] });
  assert.deepEqual(noticeLines(project), [
    'template.yaml:7 the route "GET /users" of Two is left out: One answers it (template.yaml:5), and both APIs share one address here',
  ]);
});
