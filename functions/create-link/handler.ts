/** POST /people/{id}/links: makes a link by which a person chooses a new password. */
import { administratorOf } from '#lib/accounts/caller.ts';
import { accounts } from '#lib/accounts/service.ts';
import { readId } from '#lib/http/parameters.ts';
import { serve } from '#lib/http/serve.ts';
import { log } from '#lib/logger.ts';

export const handler = serve((api) => {
  api.post('/people/:id/links', async (request, response) => {
    const by = administratorOf(request);
    const id = readId(request);
    const link = await accounts.createLink(id, by);
    log.info('Link made', { person: id, by: by.actor.id }, request.context);
    response.status(201).header('cache-control', 'no-store').json(link);
  });
});
