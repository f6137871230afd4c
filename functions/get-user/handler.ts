/** GET /users/{id} */

import { UserNotFound } from '#lib/errors.ts';
import { readId } from '#lib/http/parameters.ts';
import { sendTagged, traced } from '#lib/http/reply.ts';
import { serve } from '#lib/http/serve.ts';
import { log } from '#lib/logger.ts';
import { directory } from '#lib/services.ts';
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
