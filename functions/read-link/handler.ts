/** POST /links/read: whose link it is. */
import { parseLinkToken } from '#lib/accounts/parse.ts';
import { accounts } from '#lib/accounts/service.ts';
import { readJson } from '#lib/http/body.ts';
import { serve } from '#lib/http/serve.ts';

export const handler = serve((api) => {
  api.post('/links/read', async (request, response) => {
    const { person, expiresAt } = await accounts.readLink(parseLinkToken(readJson(request)).token);
    const owner = { name: person.name, isNew: !person.hasPassword, expiresAt };
    response.header('cache-control', 'no-store').json(owner);
  });
});
