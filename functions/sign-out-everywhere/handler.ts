/** DELETE /sessions: ends all sessions of the caller. */
import { signedInOf } from '#lib/accounts/caller.ts';
import { accounts } from '#lib/accounts/service.ts';
import { serve } from '#lib/http/serve.ts';

export const handler = serve((api) => {
  api.delete('/sessions', async (request, response) => {
    await accounts.signOutEverywhere(signedInOf(request).personId);
    response.removeHeader('content-type').status(204).send('');
  });
});
