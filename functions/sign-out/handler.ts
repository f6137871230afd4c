/** DELETE /sessions/current: ends the session of the request. */
import { signedInOf } from '#lib/accounts/caller.ts';
import { accounts } from '#lib/accounts/service.ts';
import { serve } from '#lib/http/serve.ts';

export const handler = serve((api) => {
  api.delete('/sessions/current', async (request, response) => {
    await accounts.signOut(signedInOf(request).sessionId);
    response.removeHeader('content-type').status(204).send('');
  });
});
