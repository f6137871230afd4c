/** POST /sessions/openid/begin: begins a sign-in at the provider of OpenID Connect. */
import { openId } from '#lib/accounts/openid/service.ts';
import { serve } from '#lib/http/serve.ts';

export const handler = serve((api) => {
  api.post('/sessions/openid/begin', async (_request, response) => {
    response.header('cache-control', 'no-store').json(await openId().provider.begin());
  });
});
