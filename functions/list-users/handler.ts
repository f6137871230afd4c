/** GET /users */
import { readQuery } from '#lib/http/parameters.ts';
import { sendTagged, traced } from '#lib/http/reply.ts';
import { serve } from '#lib/http/serve.ts';
import { log } from '#lib/logger.ts';
import { directory } from '#lib/services.ts';
import { parseListQuery } from '#lib/users/list-query.ts';

export const handler = serve((api) => {
  api.get('/users', async (request, response) => {
    const query = parseListQuery(readQuery(request));
    const { json, revision } = await traced(response, (trace) => directory.listUsers(query, trace));
    log.debug('Users listed', { limit: query.limit, sort: query.sort }, request.context);
    sendTagged(request, response, json, `"${revision}"`);
  });
});
