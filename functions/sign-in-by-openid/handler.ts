/** POST /sessions/openid: begins a session by the answer of the provider of OpenID Connect. */
import { NoRole } from '#lib/accounts/openid/openid-errors.ts';
import { openId } from '#lib/accounts/openid/service.ts';
import { parseOpenIdReturn } from '#lib/accounts/parse.ts';
import { accounts } from '#lib/accounts/service.ts';
import { readJson } from '#lib/http/body.ts';
import { serve } from '#lib/http/serve.ts';
import { log } from '#lib/logger.ts';

export const handler = serve((api) => {
  api.post('/sessions/openid', async (request, response) => {
    const { provider, roleClaim } = openId();
    const { ticket, query } = parseOpenIdReturn(readJson(request));
    const session = await accounts.signInAs(await provider.finish(ticket, query));
    if (session === undefined) throw new NoRole(roleClaim);
    log.info('Signed in by OpenID Connect', { person: session.person.id }, request.context);
    response.status(201).header('cache-control', 'no-store').json(session);
  });
});
