import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Project, ReadOptions } from '../project.ts';
import { functionFaults, noticeLines, readFiles } from '../testing/project-files.ts';
import { readSam } from './read-sam.ts';

/** Reads a template.yaml beside an empty folder src. */
const read = (
  t: TestContext,
  template: string,
  options: Partial<ReadOptions> = {},
  files: Record<string, string> = {},
) => readFiles(t, readSam, 'template.yaml', { 'template.yaml': template, 'src/': '', ...files }, options);

const only = ({ functions }: Project) => {
  assert.equal(functions.length, 1);
  return functions[0] as Project['functions'][0];
};

test('Globals add up with the settings of a function as in SAM', async (t) => {
  const project = await read(
    t,
    `
Globals:
  Function:
    Runtime: nodejs22.x
    Timeout: 10
    CodeUri: src/
    Layers: [!Ref Base]
    Environment:
      Variables:
        LEVEL: info
        MODE: global
Resources:
  Base:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: layers/base}
  Own:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: layers/own}
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      MemorySize: 256
      Timeout: '20'
      ReservedConcurrentExecutions: 3
      Layers: [!Ref Own]
      Environment:
        Variables:
          MODE: own
          COUNT: 3
          DEBUG: yes
          ACCOUNT: 012345678901
`,
    {},
    { 'layers/base/': '', 'layers/own/': '' },
  );
  const one = only(project);
  assert.deepEqual(one.settings, {
    runtime: 'nodejs22.x',
    timeout: 20,
    memorySize: 256,
    reservedConcurrentExecutions: 3,
  });
  assert.deepEqual(one.variables, { LEVEL: 'info', MODE: 'own', COUNT: '3', DEBUG: 'true', ACCOUNT: '012345678901' });
  assert.deepEqual(one.layers, [join(project.folder, 'layers/base'), join(project.folder, 'layers/own')]);
  assert.equal(one.codeFolder, join(project.folder, 'src'));
  assert.equal(one.packaging, 'auto');
  assert.deepEqual(project.notices, []);
});

const values = `
Parameters:
  Stage: {Type: String, Default: dev, AllowedValues: [dev, prod]}
  Key: {Type: String}
Mappings:
  Sizes: {dev: {memory: 128}, prod: {memory: 512}}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  Users: {Type: AWS::DynamoDB::Table}
  Named: {Type: AWS::DynamoDB::Table, Properties: {TableName: !Sub 'users-\${Stage}'}}
  Other: {Type: AWS::Serverless::Function, Properties: {Runtime: nodejs24.x, Handler: b.handler, CodeUri: src}}
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs24.x
      CodeUri: src
      Handler: app.handler
      MemorySize: !FindInMap [Sizes, !Ref Stage, memory]
      Environment:
        Variables:
          STAGE: !Ref Stage
          KEY: !Ref Key
          REGION: !Sub '\${AWS::Region}'
          TABLE: !Ref Users
          TABLE_ARN: !GetAtt Users.Arn
          NAMED: !Ref Named
          URL: !If [IsProd, https://example.org, !Ref AWS::NoValue]
          OTHER: !Ref Other
          JOINED: !Join ['-', [!Ref Stage, users]]
`;

test('variables get the values that the template has, and a notice names each value that only AWS has', async (t) => {
  const project = await read(t, values, { environment: { AWS_REGION: 'eu-west-1' } });
  const one = project.functions[1];
  assert.deepEqual(one?.variables, {
    STAGE: 'dev',
    KEY: 'Key',
    REGION: 'eu-west-1',
    TABLE: 'Users',
    TABLE_ARN: 'arn:aws:dynamodb:eu-west-1:000000000000:table/Users',
    NAMED: 'users-dev',
    OTHER: 'Other',
    JOINED: 'dev-users',
  });
  assert.equal(one?.settings.memorySize, 128);
  assert.deepEqual(noticeLines(project), [
    'template.yaml:23 the parameter Key has no value: give it with --parameter Key=VALUE; the functions get "Key"',
    'template.yaml:25 Users (AWS::DynamoDB::Table) is not created here; the functions get "Users"',
    'template.yaml:26 Users.Arn (AWS::DynamoDB::Table) is not created here; the functions get ' +
      '"arn:aws:dynamodb:eu-west-1:000000000000:table/Users"',
  ]);
});

test('--parameter gives a parameter another value, and conditions and mappings follow', async (t) => {
  const project = await read(t, values, { parameters: { Stage: 'prod', Key: 'k' } });
  const one = project.functions[1];
  assert.equal(one?.variables.URL, 'https://example.org');
  assert.equal(one?.variables.NAMED, 'users-prod');
  assert.equal(one?.settings.memorySize, 512);
});

test('a resource whose condition does not hold is not there', async (t) => {
  const project = await read(
    t,
    `
Conditions:
  Never: !Or [!Equals [a, b], !Not [!Equals [a, a]]]
  Always: !And [!Not [{Condition: Never}], !Equals [a, a]]
Resources:
  Gone: {Type: AWS::Serverless::Function, Condition: Never, Properties: {Handler: a.b, CodeUri: src}}
  Here: {Type: AWS::Serverless::Function, Condition: Always, Properties: {Handler: a.b, CodeUri: src}}
`,
  );
  assert.equal(only(project).name, 'Here');
});

test('a function that can not run here has a fault of its own at its line', async (t) => {
  const project = await read(
    t,
    `
Globals: {Function: {CodeUri: src, Handler: a.b, Runtime: nodejs24.x}}
Resources:
  Python: {Type: AWS::Serverless::Function, Properties: {Runtime: python3.12}}
  Image: {Type: AWS::Serverless::Function, Properties: {PackageType: Image}}
  Remote: {Type: AWS::Serverless::Function, Properties: {CodeUri: 's3://bucket/key'}}
  Object: {Type: AWS::Serverless::Function, Properties: {CodeUri: {Bucket: b, Key: k}}}
  Unbuilt: {Type: AWS::Serverless::Function, Properties: {CodeUri: dist}}
  Archive: {Type: AWS::Serverless::Function, Properties: {CodeUri: code.zip}}
  Slow: {Type: AWS::Serverless::Function, Properties: {Timeout: forever}}
  Unknown: {Type: AWS::Serverless::Function, Properties: {Environment: {Variables: {A: !Magic x}}}}
  Missing: {Type: AWS::Serverless::Function, Properties: {Environment: {Variables: {A: !Ref Nobody}}}}
  Good: {Type: AWS::Serverless::Function}
`,
    {},
    { 'code.zip': '' },
  );
  assert.deepEqual(functionFaults(project), [
    'Python: template.yaml:4 the host runs Node.js only, and the runtime is python3.12',
    'Image: template.yaml:5 the function is a container image: the host runs functions of code folders',
    'Remote: template.yaml:6 the code of the function is in S3: the host runs functions of local folders',
    'Object: template.yaml:7 the code of the function is in S3: the host runs functions of local folders',
    'Unbuilt: template.yaml:8 there is no folder dist: if a build makes it, build first',
    'Archive: template.yaml:9 code.zip is an archive: the host takes folders',
    'Slow: template.yaml:10 Timeout takes a whole number from 1 to 900, not "forever"',
    'Unknown: template.yaml:11 Fn::Magic is no intrinsic function that the host knows',
    'Missing: template.yaml:12 Ref Nobody is neither a parameter nor a resource of the template',
  ]);
  assert.equal(project.functions.length, 10);
});

test('what means nothing locally is silent, and what is missed has a notice', async (t) => {
  const project = await read(
    t,
    `
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs14.x
      Handler: a.b
      CodeUri: src
      Role: !Magic anything
      Policies: [!Magic anything]
      Tracing: Active
      VpcConfig: {SubnetIds: [!Magic anything]}
      FileSystemConfigs: [{Arn: x}]
      Layers: ['arn:aws:lambda:us-east-1:1:layer:Tools:1']
      Environment: {Variables: {EMPTY: , BAD-NAME: x}}
  Newer: {Type: AWS::Serverless::Function, Properties: {Runtime: nodejs98.x, Handler: a.b, CodeUri: src}}
`,
  );
  assert.deepEqual(functionFaults(project), []);
  assert.deepEqual(noticeLines(project), [
    'template.yaml:6 functions with the runtime nodejs14.x run as nodejs18.x',
    'template.yaml:13 FileSystemConfigs of Hello has no effect here',
    'template.yaml:14 the layer arn:aws:lambda:us-east-1:1:layer:Tools:1 is in AWS only: install what it holds beside the functions',
    'template.yaml:15 the variable "BAD-NAME" is left out: a name has letters, digits and _',
    'template.yaml:16 functions with the runtime nodejs98.x run as nodejs24.x',
  ]);
  assert.deepEqual(project.functions[0]?.variables, {});
});

test('code in the template becomes a file, as on Lambda', async (t) => {
  const project = await read(
    t,
    `
Globals: {Function: {Runtime: nodejs24.x, Handler: index.handler}}
Resources:
  Own: {Type: AWS::Serverless::Function, Properties: {InlineCode: !Sub 'exports.region = "\${AWS::Region}"'}}
  Plain: {Type: AWS::Lambda::Function, Properties: {Runtime: nodejs24.x, Handler: index.b, Code: {ZipFile: 'exports.b = 1'}}}
`,
  );
  assert.deepEqual(functionFaults(project), []);
  const texts = project.functions.map(({ codeFolder }) => readFileSync(join(codeFolder, 'index.js'), 'utf8'));
  assert.deepEqual(texts, ['exports.region = "us-east-1"', 'exports.b = 1']);
});

test("esbuild's properties of a function that `sam build` bundles become build options", async (t) => {
  const template = (entry: string) => `
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties: {Runtime: nodejs24.x, Handler: app.handler, CodeUri: .}
    Metadata:
      BuildMethod: esbuild
      BuildProperties:
        Minify: false
        Target: es2022
        Format: esm
        OutExtension: [.js=.mjs]
        External: ['@aws-sdk/*', sharp]
        Loader: ['.html=text', '.txt=text']
        MainFields: module,main
        Define: [VERSION="1=1"]
        EntryPoints: [${entry}]
`;
  const one = only(await read(t, template('src/app.ts'), {}, { 'src/app.ts': '' }));
  assert.equal(one.packaging, 'bundle');
  assert.equal(one.handler, 'src/app.handler');
  assert.deepEqual(one.buildOptions, {
    minify: false,
    target: 'es2022',
    format: 'esm',
    external: ['@aws-sdk/*', 'sharp'],
    loader: { '.html': 'text', '.txt': 'text' },
    mainFields: ['module', 'main'],
    define: { VERSION: '"1=1"' },
  });
  // What `sam build` wrote has the metadata, but no sources.
  const built = only(await read(t, template('src/app.ts'), {}, { 'app.js': '' }));
  assert.equal(built.packaging, 'auto');
  assert.equal(built.handler, 'app.handler');
});

test('a function is named by its FunctionName, or by its logical id where Lambda takes no such name', async (t) => {
  const project = await read(
    t,
    `
Globals: {Function: {CodeUri: src, Handler: a.b, Runtime: nodejs24.x}}
Resources:
  One: {Type: AWS::Serverless::Function, Properties: {FunctionName: !Sub '\${AWS::StackName}-one'}}
  Two: {Type: AWS::Serverless::Function, Properties: {FunctionName: not a name}}
  Three: {Type: AWS::Serverless::Function, Properties: {FunctionName: local-one}}
`,
  );
  assert.deepEqual(
    project.functions.map(({ name }) => name),
    ['local-one', 'Two', 'Three'],
  );
  assert.deepEqual(noticeLines(project), [
    'template.yaml:6 two functions have the name local-one: the second one is Three here',
  ]);
});
