/** GET /users/bin */
import { readQuery } from '#lib/http/parameters.ts';
import { sendTagged } from '#lib/http/reply.ts';
import { serve } from '#lib/http/serve.ts';
import { parseListQuery } from '#lib/resources/list-query.ts';
import { binSortColumns } from '#lib/users/resource.ts';
import { users } from '#lib/users/users.ts';

export const handler = serve((api) => {
  api.get('/users/bin', async (request, response) => {
    const query = parseListQuery(readQuery(request), binSortColumns);
    response.header('x-cache', 'bypass');
    sendTagged(request, response, await users.listDeleted(query));
  });
});
