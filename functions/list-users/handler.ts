/** GET /users */
import { readQuery } from '#lib/http/parameters.ts';
import { sendTagged, traced } from '#lib/http/reply.ts';
import { serve } from '#lib/http/serve.ts';
import { log } from '#lib/logger.ts';
import { parseListQuery } from '#lib/resources/list-query.ts';
import { userSortColumns } from '#lib/users/resource.ts';
import { users } from '#lib/users/users.ts';

export const handler = serve((api) => {
  api.get('/users', async (request, response) => {
    const query = parseListQuery(readQuery(request), userSortColumns);
    const page = await traced(response, (trace) => users.list(query, trace));
    log.debug('Users listed', { limit: query.limit, sort: query.sort }, request.context);
    sendTagged(request, response, page);
  });
});
