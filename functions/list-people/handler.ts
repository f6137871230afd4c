/** GET /people: everybody who has an account. */
import { callerOf } from '#lib/accounts/caller.ts';
import { accounts } from '#lib/accounts/service.ts';
import { serve } from '#lib/http/serve.ts';

export const handler = serve((api) => {
  api.get('/people', async (request, response) => {
    callerOf(request);
    response.header('cache-control', 'no-store').json({ people: await accounts.list() });
  });
});
