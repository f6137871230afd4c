/** POST /sessions: begins a session. */
import { parseSignIn } from '#lib/accounts/parse.ts';
import { accounts } from '#lib/accounts/service.ts';
import { currentClient } from '#lib/current-request.ts';
import { readJson } from '#lib/http/body.ts';
import { serve } from '#lib/http/serve.ts';
import { log } from '#lib/logger.ts';

export const handler = serve((api) => {
  api.post('/sessions', async (request, response) => {
    const { name, password } = parseSignIn(readJson(request));
    const session = await accounts.signIn({ name, client: currentClient() }, password);
    log.info('Signed in', { person: session.person.id }, request.context);
    response.status(201).header('cache-control', 'no-store').json(session);
  });
});
