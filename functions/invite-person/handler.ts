/** POST /people: adds a person, who chooses a password by the link of the answer. */
import { administratorOf } from '#lib/accounts/caller.ts';
import { parseInvitation } from '#lib/accounts/parse.ts';
import { accounts } from '#lib/accounts/service.ts';
import { readJson } from '#lib/http/body.ts';
import { serve } from '#lib/http/serve.ts';
import { log } from '#lib/logger.ts';

export const handler = serve((api) => {
  api.post('/people', async (request, response) => {
    const by = administratorOf(request);
    const { name, email = null, role } = parseInvitation(readJson(request));
    const invited = await accounts.invite({ name, email, role }, by);
    log.info('Person invited', { person: invited.person.id, role, by: by.actor.id }, request.context);
    response.status(201).header('cache-control', 'no-store').json(invited);
  });
});
