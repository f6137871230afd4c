import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseFunction } from '../../manifest.ts';
import type { AuthorizerRequest } from './authorizer.ts';
import type { LambdaSettings } from './authorizer-settings.ts';
import { withCommonAuthorizer } from './common-authorizer.ts';
import type { KeptDecisions } from './kept-decisions.ts';
import type { AuthorizerAnswer } from './lambda-answer.ts';
import { LambdaAuthorizer } from './lambda-authorizer.ts';

const authCacheMs = 5000;
const functions = ['GET /users', 'GET /health'].map((route, index) =>
  parseFunction({ name: `f${index}`, route, ...(index === 1 && { role: 'public' }) }, '/'),
);
const authorize = parseFunction({ name: 'authorize' }, '/');

describe('the authorizer of all routes', () => {
  it('guards each route but public ones while AUTH is on', () => {
    const given = [authorize, ...functions];
    assert.equal(withCommonAuthorizer(given, { auth: false, authCacheMs }), given);
    const guarded = withCommonAuthorizer(given, { auth: true, authCacheMs });
    const authorizers = guarded.flatMap(({ routes }) => routes.map(({ authorizer }) => authorizer?.type));
    assert.deepEqual(authorizers, ['request', undefined]);
    assert.throws(() => withCommonAuthorizer(functions, { auth: true, authCacheMs }), /no function "authorize"/);
  });

  it('names a route of another kind of API, which it can not guard', () => {
    for (const api of ['rest', 'url']) {
      const route = { key: api === 'url' ? '$default' : 'GET /mine', api };
      const guard = (more: object) =>
        withCommonAuthorizer([authorize, parseFunction({ name: 'mine', route, ...more }, '/')], {
          auth: true,
          authCacheMs,
        });
      assert.throws(() => guard({}), {
        name: 'ConfigurationError',
        message: /can't guard the route "(GET \/mine|\$default)" of mine: /,
      });
      assert.equal(guard({ role: 'public' }).length, 2);
    }
  });

  it('keeps a caller for AUTH_CACHE_MS, no longer than the credential is valid, and keeps no refusal', async (test) => {
    test.mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
    const [, guarded] = withCommonAuthorizer([authorize, ...functions], { auth: true, authCacheMs });
    const settings = guarded?.routes[0]?.authorizer as LambdaSettings;
    const caller = { actorKind: 'key', actorId: '1', actorName: 'a', role: 'reader' };
    const cases: [context: object | null, isAuthorized: boolean, keptMs: number | undefined][] = [
      [caller, true, authCacheMs],
      [null, false, authCacheMs],
      [{ ...caller, expiresAt: 1_000_000 + 60_000 }, true, authCacheMs],
      [{ ...caller, expiresAt: 1_000_000 + 1234 }, true, 1234],
      [{ ...caller, expiresAt: 1_000_000 }, true, undefined],
      [{ refusal: 'invalid' }, true, undefined],
    ];
    for (const [context, isAuthorized, expected] of cases) {
      let keptMs: number | undefined;
      const kept = {
        get: () => undefined,
        share: async (_key: string, make: () => Promise<{ value: AuthorizerAnswer; validMs: number }>) => {
          const { value, validMs } = await make();
          keptMs = validMs > 0 ? validMs : undefined;
          return value;
        },
      };
      const authorizer = new LambdaAuthorizer(settings, {
        ...{ api: 'http', apiArn: 'arn' },
        invoke: async () => ({ type: 'payload', payload: Buffer.from(JSON.stringify({ isAuthorized, context })) }),
        kept: kept as unknown as KeptDecisions<AuthorizerAnswer>,
      });
      const decision = await authorizer.authorize(request());
      assert.equal(decision.isAllowed, isAuthorized);
      assert.equal(keptMs, expected, JSON.stringify(context));
    }
  });
});

function request(): AuthorizerRequest {
  return {
    ...{
      requestId: '1',
      client: 'a',
      method: 'GET',
      path: '/users',
      rawPath: '/users',
      query: '',
      headerValues: () => ['k'],
    },
    ...{ sourceIp: '127.0.0.1', routeKey: 'GET /users', stage: '$default', payloadFormatVersion: '2.0' },
    stageVariables: undefined,
    createEvent: () => ({ requestContext: {} }),
  };
}
