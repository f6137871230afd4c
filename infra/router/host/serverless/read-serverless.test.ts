// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts hold variables of the Serverless Framework
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ReadOptions } from '../project.ts';
import { faultLine, functionFaults, noticeLines, readFiles, routeKeys } from '../testing/project-files.ts';
import { readServerless } from './read-serverless.ts';

const read = (t: TestContext, text: string, options: Partial<ReadOptions> = {}, files: Record<string, string> = {}) =>
  readFiles(t, readServerless, 'serverless.yml', { 'serverless.yml': text, ...files }, options);

test('a function has the settings of the provider, and its own ones win', async (t) => {
  const project = await read(
    t,
    `service: shop
provider:
  name: aws
  runtime: nodejs20.x
  timeout: 10
  environment: {A: provider, B: provider, C: provider, PORT: 80}
functions:
  one: {handler: ./src/one.main, memorySize: 512, reservedConcurrency: 2, environment: {B: own, C: null}}
  two: {handler: two.main, runtime: nodejs22.x, timeout: 5, name: shop-two}
`,
  );
  const [one, two] = project.functions;
  assert.deepEqual(one?.settings, {
    runtime: 'nodejs20.x',
    timeout: 10,
    memorySize: 512,
    reservedConcurrentExecutions: 2,
  });
  assert.deepEqual(one?.variables, { A: 'provider', B: 'own', PORT: '80' });
  assert.equal(one?.handler, 'src/one.main');
  assert.equal(one?.codeFolder, project.folder);
  assert.equal(one?.packaging, 'auto');
  assert.equal(two?.name, 'shop-two');
  assert.deepEqual(two?.settings, { runtime: 'nodejs22.x', timeout: 5, memorySize: 1024 });
  assert.deepEqual(project.notices, []);
});

test('functions may be a list, and parts of the document may be in other files', async (t) => {
  const project = await read(
    t,
    'provider: ${file(provider.yml)}\nfunctions:\n  - ${file(a.yml)}\n  - two: {handler: b.main}\n',
    {},
    {
      'provider.yml': 'name: aws\nenvironment: ${file(env.json)}\n',
      'env.json': '{"A": "${self:provider.name}"}',
      'a.yml': 'one:\n  handler: a.main\n  environment:\n    B: ${self:none}\n',
    },
  );
  assert.deepEqual(
    project.functions.map(({ name, variables }) => [name, variables]),
    [
      ['one', {}],
      ['two', { A: 'aws' }],
    ],
  );
  assert.deepEqual(functionFaults(project), ['one: a.yml:4 ${self:none} has no value']);
});

test('http, httpApi and url become routes of their format', async (t) => {
  const project = await read(
    t,
    `provider: {name: aws, stage: live}
functions:
  old:
    handler: a.b
    events:
      - http: GET old/{id}
      - http: {path: /all, method: any}
  new:
    handler: a.b
    url: {authorizer: aws_iam}
    httpApi: {payload: '1.0'}
    events:
      - httpApi: 'POST /new'
      - httpApi: '* /any'
      - httpApi: '*'
`,
  );
  const route = { authorizer: undefined, cors: undefined };
  assert.deepEqual(project.functions[0]?.routes, [
    { ...route, key: 'GET /old/{id}', api: 'rest', stage: 'live', payloadFormatVersion: '1.0' },
    { ...route, key: 'ANY /all', api: 'rest', stage: 'live', payloadFormatVersion: '1.0' },
  ]);
  const http = { ...route, api: 'http', stage: '$default', payloadFormatVersion: '1.0' };
  assert.deepEqual(project.functions[1]?.routes, [
    { ...http, key: 'POST /new' },
    { ...http, key: 'ANY /any' },
    { ...http, key: '$default' },
    {
      key: '$default',
      api: 'url',
      stage: '$default',
      payloadFormatVersion: '2.0',
      authorizer: { type: 'unsupported', name: 'AWS_IAM' },
      cors: undefined,
    },
  ]);
});

test('every spelling of the default route is the default route', async (t) => {
  for (const event of ["'*'", "{path: '*'}", "{path: '*', method: '*'}", '{path: $default}']) {
    const project = await read(t, `provider: aws\nfunctions: {a: {handler: a.b, events: [{httpApi: ${event}}]}}\n`);
    assert.equal(project.functions[0]?.routes[0]?.key, '$default', event);
  }
});

test('a notice names a key of a route that means nothing, such as a misspelt authorizer', async (t) => {
  const events = '[{httpApi: {path: /a, method: get, authoriser: b}}, {http: {path: /b, method: get, authorizers: b}}]';
  const functions = `{a: {handler: a.b, url: {auth: aws_iam}, events: ${events}}}`;
  const project = await read(t, `provider: aws\nfunctions: ${functions}\n`);
  assert.deepEqual(noticeLines(project), [
    'serverless.yml:2 "authoriser" of httpApi is unknown and has no effect',
    'serverless.yml:2 "authorizers" of http is unknown and has no effect',
    'serverless.yml:2 "auth" of url is unknown and has no effect',
  ]);
});

test('a notice names a route whose API keys nobody checks', async (t) => {
  const event = '{http: {path: /a, method: get, private: true}}';
  const project = await read(t, `provider: aws\nfunctions: {a: {handler: a.b, events: [${event}]}}\n`);
  assert.deepEqual(noticeLines(project), ['serverless.yml:2 the host checks no API keys']);
});

test('authorizers of http and httpApi events', async (t) => {
  const project = await read(
    t,
    `provider:
  name: aws
  httpApi:
    authorizers:
      tokens: {issuerUrl: https://issuer.example, audience: [a, b]}
      own: {type: request, functionName: check, enableSimpleResponses: true, resultTtlInSeconds: 9, identitySource: [$request.header.X]}
functions:
  check: {handler: a.check}
  hello:
    handler: a.b
    events:
      - httpApi: {path: /a, method: get, authorizer: {name: tokens, scopes: [read]}}
      - httpApi: {path: /b, method: get, authorizer: own}
      - httpApi: {path: /c, method: get, authorizer: {type: aws_iam}}
      - http: {path: /d, method: get, authorizer: check}
      - http: {path: /e, method: get, authorizer: {name: check, type: request, identitySource: 'method.request.header.A, context.path', resultTtlInSeconds: 0}}
      - http: {path: /f, method: get, authorizer: {arn: 'arn:aws:cognito-idp:us-east-1:1:userpool/x'}}
      - http: {path: /g, method: get, authorizer: aws_iam}
  lost:
    handler: a.b
    events:
      - http: {path: /h, method: get, authorizer: nobody}
`,
  );
  const lambda = { function: 'check', payloadFormatVersion: '1.0', simpleResponses: false, validation: undefined };
  assert.deepEqual(
    project.functions[1]?.routes.map(({ authorizer }) => authorizer),
    [
      {
        type: 'jwt',
        issuer: 'https://issuer.example',
        audience: ['a', 'b'],
        scopes: ['read'],
        identitySource: '$request.header.Authorization',
      },
      {
        ...lambda,
        type: 'request',
        name: 'own',
        payloadFormatVersion: '2.0',
        simpleResponses: true,
        identitySource: ['$request.header.X'],
        ttl: 9,
      },
      { type: 'unsupported', name: 'AWS_IAM' },
      { ...lambda, type: 'token', name: 'check', identitySource: ['method.request.header.Authorization'], ttl: 300 },
      {
        ...lambda,
        type: 'request',
        name: 'check',
        identitySource: ['method.request.header.A', 'context.path'],
        ttl: 0,
      },
      { type: 'unsupported', name: 'Cognito' },
      { type: 'unsupported', name: 'AWS_IAM' },
    ],
  );
  assert.deepEqual(functionFaults(project), [
    'lost: serverless.yml:22 the function nobody of the authorizer is not in the service',
  ]);
  assert.deepEqual(routeKeys(project).lost, []);
});

test('routes have the CORS settings of their API, event or URL', async (t) => {
  const project = await read(
    t,
    `provider: {name: aws, httpApi: {cors: {allowedOrigins: [https://a.example], allowedHeaders: [a], exposedResponseHeaders: [etag], maxAge: 60}}}
functions:
  hello:
    handler: a.b
    url: {cors: true}
    events:
      - httpApi: PUT /a
      - http: {path: b, method: get, cors: true}
      - http: {path: c, method: get, cors: {origin: https://a.example, headers: [b], allowCredentials: true}}
      - http: GET d
`,
  );
  const routes = Object.fromEntries((project.functions[0]?.routes ?? []).map(({ key, cors }) => [key, cors]));
  const origin = { allowOrigins: ['https://a.example'] };
  const headers = routes['GET /b']?.allowHeaders;
  assert.ok(headers?.includes('Authorization'));
  assert.deepEqual(routes, {
    'PUT /a': { ...origin, allowMethods: ['OPTIONS', 'PUT'], allowHeaders: ['a'], exposeHeaders: ['etag'], maxAge: 60 },
    'GET /b': { allowOrigins: ['*'], allowMethods: ['OPTIONS', 'GET'], allowHeaders: headers },
    'GET /c': { ...origin, allowMethods: ['OPTIONS', 'GET'], allowHeaders: ['b'], allowCredentials: true },
    'GET /d': undefined,
    $default: {
      allowOrigins: ['*'],
      allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
      allowHeaders: headers,
    },
  });
});

test('schedules keep their input, and a notice names events that have to be invoked by hand', async (t) => {
  const project = await read(
    t,
    `provider: {name: aws}
functions:
  hello:
    handler: a.b
    events:
      - schedule: rate(1 minute)
      - schedule: {rate: [rate(2 hours), cron(0 12 * * ? *)], input: {a: 1}}
      - schedule: {rate: rate(3 hours), enabled: false}
      - schedule: {rate: cron(0 9 * * ? *), method: scheduler, timezone: Europe/Berlin, name: morning}
      - sqs: arn:aws:sqs:us-east-1:1:jobs
`,
  );
  assert.deepEqual(project.functions[0]?.schedules, [
    { name: 'hello-1', expression: 'rate(1 minute)' },
    { name: 'hello-2', expression: 'rate(2 hours)', input: { a: 1 } },
    { name: 'hello-3', expression: 'cron(0 12 * * ? *)', input: { a: 1 } },
    { name: 'morning', expression: 'cron(0 9 * * ? *)', service: 'scheduler', timezone: 'Europe/Berlin' },
  ]);
  assert.deepEqual(noticeLines(project), [
    'serverless.yml:8 the schedule "rate(3 hours)" of hello is disabled',
    'serverless.yml:10 sqs events do not reach hello here: invoke it by hand with a sample event',
  ]);
});

test('references to resources get a local value, and layers with a path are folders', async (t) => {
  const project = await read(
    t,
    `provider: {name: aws, region: eu-west-1, layers: [{Ref: ToolsLambdaLayer}, 'arn:aws:lambda:eu-west-1:1:layer:X:1']}
layers:
  tools: {path: layers/tools}
functions:
  hello-world:
    handler: a.b
    environment:
      TABLE: !Ref Users
      NAMED: {Ref: Named}
      ME: !GetAtt HelloDashworldLambdaFunction.Arn
      TEXT: !Sub '\${AWS::Region}-\${Named}'
resources:
  - Resources: {Users: {Type: AWS::DynamoDB::Table}}
  - Resources: {Named: {Type: AWS::DynamoDB::Table, Properties: {TableName: 'users-\${sls:stage}'}}}
`,
    {},
    { 'layers/tools/': '' },
  );
  const [one] = project.functions;
  assert.deepEqual(one?.variables, {
    TABLE: 'Users',
    NAMED: 'users-dev',
    ME: 'arn:aws:lambda:eu-west-1:000000000000:function:hello-world',
    TEXT: 'eu-west-1-users-dev',
  });
  assert.deepEqual(one?.layers, [join(project.folder, 'layers/tools')]);
  assert.deepEqual(noticeLines(project), [
    'serverless.yml:1 the layer arn:aws:lambda:eu-west-1:1:layer:X:1 is in AWS only: install what it holds beside the functions',
    'serverless.yml:8 Users (AWS::DynamoDB::Table) is not created here; the functions get "Users"',
  ]);
});

test('plugins and settings of esbuild become the packaging', async (t) => {
  const start = 'provider: {name: aws}\nfunctions: {hello: {handler: a.b}}\n';
  const packaging = async (rest: string) => {
    const project = await read(t, `${start}${rest}`);
    const { packaging, buildOptions } = project.functions[0] ?? {};
    return [packaging, buildOptions, noticeLines(project)];
  };
  assert.deepEqual(
    await packaging(`plugins: [serverless-esbuild, serverless-offline, serverless-other]
custom:
  esbuild: {bundle: true, minify: true, target: node20, exclude: ['@aws-sdk/*'], external: [sharp], plugins: plugins.js}
  serverless-offline: {httpPort: 4000}
`),
    [
      'bundle',
      { minify: true, target: 'node20', external: ['sharp', '@aws-sdk/*'] },
      [
        'serverless.yml:3 the host does not run the plugin serverless-other',
        'serverless.yml:5 the host does not run the esbuild setting "plugins"',
      ],
    ],
  );
  const built = 'build: {esbuild: {external: [a], sourcemap: {type: linked}}}';
  assert.deepEqual(await packaging(built), ['bundle', { external: ['a'] }, []]);
  assert.deepEqual(await packaging('build: {esbuild: false}'), ['as-is', {}, []]);
  assert.deepEqual(await packaging('plugins: {modules: [serverless-bundle]}'), ['bundle', {}, []]);
});

/** Each fault, its document, and the line that the reader prints. */
const bad: [name: string, text: string, expected: string | RegExp][] = [
  ['YAML that is not closed', 'functions: {a: [', /^serverless\.yml:1 the YAML is invalid: /],
  [
    'a key that is there twice',
    'functions: {}\nfunctions: {}\n',
    'serverless.yml:2 the YAML is invalid: Map keys must be unique',
  ],
  ['no functions', 'provider: {name: aws}\n', 'serverless.yml:1 the service has no functions'],
  [
    'another provider',
    'service: x\nprovider: {name: google}\nfunctions: {a: {handler: a.b}}\n',
    'serverless.yml:2 the host runs functions of AWS Lambda, and the provider is google',
  ],
  [
    'a provider in a cycle',
    'provider: ${self:custom.a}\ncustom: {a: "${self:provider}"}\nfunctions: {a: {handler: a.b}}\n',
    'serverless.yml:1 the variables need each other in a cycle: self:custom.a → self:provider → self:custom.a',
  ],
  [
    'two alike routes',
    `provider: {name: aws}
functions:
  one: {handler: a.b, events: [{httpApi: 'GET /users/{id}'}]}
  two: {handler: a.b, events: [{httpApi: 'get /users/{name}'}]}
`,
    'serverless.yml:4 the route "GET /users/{name}" of two is already one\'s in serverless.yml:3: change one',
  ],
];

for (const [name, text, expected] of bad) {
  test(`one line names the place of ${name}`, async (t) => {
    const line = await faultLine(read(t, text));
    if (typeof expected === 'string') assert.equal(line, expected);
    else assert.match(line, expected);
  });
}

test('a serverless.ts says what to do instead', async (t) => {
  assert.equal(
    await faultLine(readFiles(t, readServerless, 'serverless.ts', { 'serverless.ts': '' })),
    'serverless.ts:1 the host does not run serverless.ts: write "npx serverless print" into a serverless.yml',
  );
});
