import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DatabaseUnavailable } from '#lib/errors.ts';
import { authorizerOf } from './decide.ts';

const caller = { actorKind: 'key', actorId: '1', actorName: 'script', role: 'reader' } as const;
const routeKey = 'GET /items';

/** @param recognize what the authenticator makes of a credential */
function decide(refuses: boolean, recognize: () => Promise<typeof caller | undefined>, headers = { 'x-api-key': 'k' }) {
  const authorizer = authorizerOf({ recognize }, { [routeKey]: { role: 'reader', refuses } });
  return authorizer({ headers, routeKey });
}

describe('the route of a function that answers no refusal', () => {
  it('is closed to callers without a valid credential', async () => {
    assert.equal((await decide(false, async () => undefined)).isAuthorized, false);
    assert.equal((await decide(false, async () => caller, {} as never)).isAuthorized, false);
    assert.equal((await decide(true, async () => undefined)).isAuthorized, true);
  });

  it('is closed while the database can not be asked', async () => {
    const fail = () => Promise.reject(new DatabaseUnavailable());
    await assert.rejects(decide(false, fail), DatabaseUnavailable);
    assert.deepEqual(await decide(true, fail), { isAuthorized: true, context: { refusal: 'unavailable' } });
  });

  it('is open to a caller who has its role', async () => {
    assert.deepEqual(await decide(false, async () => caller), { isAuthorized: true, context: caller });
  });
});
