/** PUT /me/password: changes the password of the caller, who knows the current one. */
import { signedInOf } from '#lib/accounts/caller.ts';
import { parsePasswordChange } from '#lib/accounts/parse.ts';
import { accounts } from '#lib/accounts/service.ts';
import { currentClient } from '#lib/current-request.ts';
import { readJson } from '#lib/http/body.ts';
import { serve } from '#lib/http/serve.ts';
import { log } from '#lib/logger.ts';

export const handler = serve((api) => {
  api.put('/me/password', async (request, response) => {
    const person = signedInOf(request);
    await accounts.changePassword({ ...person, client: currentClient() }, parsePasswordChange(readJson(request)));
    log.info('Password changed', { person: person.personId }, request.context);
    response.removeHeader('content-type').status(204).send('');
  });
});
