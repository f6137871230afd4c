/** GET /users/{id} */
import { readId } from '#lib/http/parameters.ts';
import { sendTagged, traced } from '#lib/http/reply.ts';
import { serve } from '#lib/http/serve.ts';
import { log } from '#lib/logger.ts';
import { UserNotFound } from '#lib/users/user-errors.ts';
import { users } from '#lib/users/users.ts';

export const handler = serve((api) => {
  api.get('/users/:id', async (request, response) => {
    const id = readId(request);
    const user = await traced(response, (trace) => users.read(id, trace));
    if (user === undefined) throw new UserNotFound(id);
    log.debug('User read', { id }, request.context);
    sendTagged(request, response, user);
  });
});
