/** The command `host` on projects whose authorizers are Lambda functions. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startHost } from '../support/host.ts';
import { projectFolder } from '../support/project-folder.ts';

const template = `
Globals: {Function: {Runtime: nodejs24.x, CodeUri: src}}
Resources:
  Web:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        DefaultAuthorizer: Check
        Authorizers:
          Check:
            FunctionArn: !GetAtt Check.Arn
            AuthorizerPayloadFormatVersion: 2.0
            EnableSimpleResponses: true
            Identity: {Headers: [Authorization]}
  Rest:
    Type: AWS::Serverless::Api
    Properties:
      StageName: dev
      Auth:
        DefaultAuthorizer: Token
        Authorizers:
          Token: {FunctionArn: !GetAtt Token.Arn}
  Check: {Type: AWS::Serverless::Function, Properties: {Handler: check.handler}}
  Token: {Type: AWS::Serverless::Function, Properties: {Handler: token.handler}}
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Handler: hello.handler
      Events:
        Web: {Type: HttpApi, Properties: {Path: /web, Method: get, ApiId: !Ref Web}}
        Rest: {Type: Api, Properties: {Path: /rest, Method: get, RestApiId: !Ref Rest}}
`;

const files = {
  'template.yaml': template,
  'src/hello.ts': `
    export const handler = async (event: any) => ({
      statusCode: 200,
      body: JSON.stringify(event.requestContext.authorizer),
    });`,
  'src/check.ts': `
    export const handler = async (event: { identitySource: string[] }) => ({
      isAuthorized: event.identitySource[0] === 'let-me-in',
      context: { user: 'ana', roles: ['reader'] },
    });`,
  'src/token.ts': `
    export const handler = async ({ authorizationToken, methodArn }: Record<string, string>) => ({
      principalId: 'ana',
      policyDocument: {
        Version: '2012-10-17',
        Statement: [{ Action: 'execute-api:Invoke', Effect: authorizationToken === 'let-me-in' ? 'Allow' : 'Deny', Resource: methodArn }],
      },
      context: { level: 7 },
    });`,
};

/** @returns the status and the body of an answer */
async function call(url: string, authorization?: string): Promise<[number, Record<string, unknown>]> {
  const response = await fetch(url, { headers: authorization === undefined ? {} : { authorization } });
  return [response.status, (await response.json()) as Record<string, unknown>];
}

describe('the host of a project with Lambda authorizers', { concurrency: true }, () => {
  it('lets only callers in whom the authorizer allows, and gives its context to the function', async (t) => {
    const { folder } = projectFolder(t, files);
    const { url } = await startHost(t, [folder, '--no-watch']);
    for (const path of ['/web', '/rest', '/dev/rest']) {
      assert.equal((await call(url + path))[0], 401, path);
      assert.equal((await call(url + path, 'guess'))[0], 403, path);
    }
    assert.deepEqual(await call(`${url}/web`, 'let-me-in'), [200, { lambda: { user: 'ana', roles: ['reader'] } }]);
    const [status, { integrationLatency, ...context }] = await call(`${url}/rest`, 'let-me-in');
    assert.deepEqual([status, context], [200, { principalId: 'ana', level: '7' }]);
    assert.equal(typeof integrationLatency, 'number');
  });

  it('refuses only the routes whose authorizer can not decide, whatever the options say', async (t) => {
    const authorizer = (settings: object) => ({ type: 'request', function: 'check', ...settings });
    const { folder } = projectFolder(t, {
      'open/handler.ts': 'export const handler = async () => ({ ok: true });',
      'check/handler.ts': 'export const handler = async () => ({ isAuthorized: true });',
      'broken/handler.ts': 'export const handler = (',
      'secret/handler.ts': 'export const handler = async () => ({ secret: true });',
      'secret/function.json': JSON.stringify({
        route: [
          'GET /missing',
          { key: 'GET /broken', authorizer: authorizer({ function: 'broken' }) },
          { key: 'GET /ttl', authorizer: authorizer({ ttl: 5000 }) },
          { key: 'GET /fine', authorizer: authorizer({ simpleResponses: true }) },
        ],
        authorizer: authorizer({ function: 'gone' }),
      }),
    });
    const { url, lines } = await startHost(t, [folder, '--no-watch', '--allow-unauthorized']);
    assert.deepEqual(await call(`${url}/open`), [200, { ok: true }]);
    assert.deepEqual(await call(`${url}/fine`), [200, { secret: true }]);
    const faults = {
      missing: 'there is no function gone that can run',
      broken: 'there is no function broken that can run',
      ttl: '"authorizer.ttl" takes whole seconds from 0 to 3600',
    };
    for (const [path, fault] of Object.entries(faults)) {
      const [status, { detail }] = await call(`${url}/${path}`);
      assert.deepEqual([status, detail], [501, `The authorizer of the route can't decide: ${fault}`]);
      const notice = `secret/function.json:1: the route "GET /${path}" answers 501, because its authorizer can't decide: ${fault}`;
      assert.ok(
        lines.some((line) => line.endsWith(notice)),
        `${notice}\n${lines.join('\n')}`,
      );
    }
  });
});
