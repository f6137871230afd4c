/** PATCH /users/{id}: a JSON merge patch */
import { readJson } from '#lib/http/body.ts';
import { conditionsOf } from '#lib/http/event.ts';
import { readId } from '#lib/http/parameters.ts';
import { serve } from '#lib/http/serve.ts';
import { log } from '#lib/logger.ts';
import { users } from '#lib/users/users.ts';
import { parseUserPatch } from '#lib/users/validate.ts';
import { etagOf, preconditionOf } from '#lib/users/version.ts';

export const handler = serve((api) => {
  api.patch('/users/:id', async (request, response) => {
    const id = readId(request);
    const patch = parseUserPatch(readJson(request));
    const user = await users.update(id, patch, preconditionOf(conditionsOf(request)));
    log.info('User updated', { id, version: user.version }, request.context);
    response.header('etag', etagOf(user.version)).json(user);
  });
});
