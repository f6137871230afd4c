/** Every function with a route refuses a request for which the authorizer found no caller: API Gateway lets it through. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { startRouter } from '../support/router.ts';

interface Entry {
  name: string;
  route?: string;
  role?: string;
}

const root = join(import.meta.dirname, '../../..');
const functions: Entry[] = JSON.parse(readFileSync(join(root, 'dist/functions.json'), 'utf8'));
const closed = functions.filter(({ route, role }) => route !== undefined && role !== 'public');

describe('a function with a route', async () => {
  const router = await startRouter();

  for (const { name, route = '' } of closed) {
    it(`refuses a request without a credential: ${name}`, async () => {
      const [method, path = ''] = route.split(' ');
      const http = { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: '' };
      const authorizer = { lambda: { refusal: 'invalid' } };
      const event = {
        ...{ version: '2.0', routeKey: route, rawPath: path, rawQueryString: '', headers: {}, isBase64Encoded: false },
        requestContext: { http, authorizer, routeKey: route, stage: '$default' },
      };
      const response = await fetch(`${router.controlUrl}/2015-03-31/functions/${name}/invocations`, {
        method: 'POST',
        body: JSON.stringify(event),
      });
      const { statusCode, headers } = (await response.json()) as {
        statusCode: number;
        headers: Record<string, string>;
      };
      assert.equal(statusCode, 401);
      assert.equal(headers['www-authenticate'], 'Bearer realm="cadastro", error="invalid_token"');
    });
  }

  it('stops', async () => assert.equal(await router.stop(), 0));
});
