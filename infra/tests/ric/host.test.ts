/** The command `host` with functions that run under the real aws-lambda-ric. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startHost } from '../support/host.ts';
import { projectFolder } from '../support/project-folder.ts';
import { ricSuite } from '../support/ric.ts';

const template = `Transform: AWS::Serverless-2016-10-31
Globals: {Function: {CodeUri: src, Runtime: nodejs22.x, Layers: [!Ref Tools]}}
Resources:
  Tools: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: layer}}
  Typed: {Type: AWS::Serverless::Function, Properties: {Handler: typed.handler, Events: {A: {Type: HttpApi, Properties: {Path: /typed, Method: GET}}}}}
  Throws: {Type: AWS::Serverless::Function, Properties: {Handler: throws.handler, Events: {A: {Type: HttpApi, Properties: {Path: /throws, Method: GET}}}}}
  Calls: {Type: AWS::Serverless::Function, Properties: {Handler: calls.handler, Events: {A: {Type: HttpApi, Properties: {Path: /calls, Method: GET}}}}}
`;

const typed = (text: string) => `
  import { word } from 'layered';
  interface Answer { statusCode: number; body: string }
  export const handler = async (): Promise<Answer> => ({ statusCode: 200, body: word + ${JSON.stringify(text)} });`;

ricSuite('hosted functions under aws-lambda-ric', () => {
  test('find layers, have stacks in their sources, take a save, and may not call back', async (t) => {
    const { folder, write } = projectFolder(t, {
      'template.yaml': template,
      'layer/nodejs/node_modules/layered/index.js': "exports.word = 'from a layer';",
      'src/typed.ts': typed(', first'),
      'src/throws.ts': `
        interface Table { name: string }
        const table: Table = { name: 'users' };
        throw new TypeError(\`no table \${table.name}\`);`,
      'src/calls.js': 'exports.handler = (event, context, callback) => callback(null, { statusCode: 200 });',
    });
    const { url, printed } = await startHost(t, [folder], { env: { FUNCTION_RUNTIME: 'ric' } });
    const text = async () => (await fetch(`${url}/typed`)).text();
    const problem = async (path: string) =>
      (await (await fetch(url + path)).json()) as { detail: string; error: { trace: string[] } };
    assert.equal(await text(), 'from a layer, first');
    const { detail, error } = await problem('/throws');
    assert.equal(detail, 'The function could not be started: TypeError: no table users');
    assert.match(error.trace.join('\n'), /src\/throws\.ts:4:\d+/);
    assert.match((await problem('/calls')).detail, /Runtime\.CallbackHandlerDeprecated/);
    write({ 'src/typed.ts': typed(', second') });
    await printed('Serving the new code');
    assert.equal(await text(), 'from a layer, second');
  });
});
