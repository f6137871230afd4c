import assert from 'node:assert/strict';
import { it, mock } from 'node:test';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { serve } from './http/serve.ts';

it('forgets what the process knew of the cache before each invocation where AWS may have frozen it', async () => {
  process.env.AWS_LAMBDA_RUNTIME_API = '127.0.0.1:9001';
  process.env.DATABASE_URL = 'sqlite:/nowhere/app.db';
  const { dataAccess } = await import('./services.ts');
  const thaw = mock.method(dataAccess, 'thaw');
  const handler = serve((routes) => routes.get('/', (_request, response) => response.json({})));
  const requestContext = { http: { method: 'GET', path: '/' } };
  const event = {
    version: '2.0',
    rawPath: '/',
    rawQueryString: '',
    headers: {},
    requestContext,
    isBase64Encoded: false,
  };
  for (let count = 1; count <= 2; count++) {
    await handler(event as unknown as APIGatewayProxyEventV2, {} as Context);
    assert.equal(thaw.mock.callCount(), count);
  }
  await dataAccess.close();
});
