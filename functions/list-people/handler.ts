/** GET /people: those who have an account, page by page. */
import { callerOf } from '#lib/accounts/caller.ts';
import { peopleOrder } from '#lib/accounts/people.ts';
import { accounts } from '#lib/accounts/service.ts';
import { readQuery } from '#lib/http/parameters.ts';
import { serve } from '#lib/http/serve.ts';
import { parsePageQuery } from '#lib/resources/list-query.ts';

export const handler = serve((api) => {
  api.get('/people', async (request, response) => {
    callerOf(request);
    const query = parsePageQuery(readQuery(request), peopleOrder.sort, peopleOrder.columns);
    response.header('cache-control', 'no-store').json(await accounts.listPage(query));
  });
});
