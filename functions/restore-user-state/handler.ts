/** POST /users/{id}/history/{change}/restore */
import { conditionsOf } from '#lib/http/event.ts';
import { readId } from '#lib/http/parameters.ts';
import { serve } from '#lib/http/serve.ts';
import { log } from '#lib/logger.ts';
import { users } from '#lib/users/users.ts';
import { etagOf, preconditionOf } from '#lib/users/version.ts';

export const handler = serve((api) => {
  api.post('/users/:id/history/:change/restore', async (request, response) => {
    const id = readId(request);
    const change = readId(request, 'change');
    const precondition = preconditionOf(conditionsOf(request));
    const user = await users.restoreState({ id, change, precondition });
    log.info('Earlier state of a user restored', { id, change, version: user.version }, request.context);
    response.header('etag', etagOf(user.version)).json(user);
  });
});
