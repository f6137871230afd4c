/** POST /links/use: sets the password of the link's person, once. */
import { parseLinkUse } from '#lib/accounts/parse.ts';
import { accounts } from '#lib/accounts/service.ts';
import { currentClient } from '#lib/current-request.ts';
import { readJson } from '#lib/http/body.ts';
import { serve } from '#lib/http/serve.ts';
import { log } from '#lib/logger.ts';

export const handler = serve((api) => {
  api.post('/links/use', async (request, response) => {
    const { token, password } = parseLinkUse(readJson(request));
    const person = await accounts.useLink(token, password, currentClient());
    log.info('Password chosen by a link', { person: person.id }, request.context);
    response.header('cache-control', 'no-store').json(person);
  });
});
