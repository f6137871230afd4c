/** GET /users/{id}/history */
import { readId, readQuery } from '#lib/http/parameters.ts';
import { sendTagged } from '#lib/http/reply.ts';
import { serve } from '#lib/http/serve.ts';
import { parsePageQuery } from '#lib/resources/list-query.ts';
import { users } from '#lib/users/users.ts';

export const handler = serve((api) => {
  api.get('/users/:id/history', async (request, response) => {
    const id = readId(request);
    const query = parsePageQuery(readQuery(request), '-id', { id: 'id' });
    response.header('x-cache', 'bypass');
    sendTagged(request, response, await users.readHistory(id, query));
  });
});
