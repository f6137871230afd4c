/** GET /users/{id} */
import { readId } from '#lib/api/parameters.ts';
import { sendTagged, traced } from '#lib/api/reply.ts';
import { serve } from '#lib/api/serve.ts';
import { UserNotFound } from '#lib/errors.ts';
import { log } from '#lib/logger.ts';
import { directory } from '#lib/runtime.ts';
import { etagOf, versionIn } from '#lib/users/version.ts';

export const handler = serve((api) => {
  api.get('/users/:id', async (request, response) => {
    const id = readId(request);
    const json = await traced(response, (trace) => directory.readUser(id, trace));
    if (json === undefined) throw new UserNotFound(id);
    log.debug('User read', { id }, request.context);
    sendTagged(request, response, json, etagOf(versionIn(json)));
  });
});
