/** GET /users/twins */
import { sendTagged, traced } from '#lib/http/reply.ts';
import { serve } from '#lib/http/serve.ts';
import { users } from '#lib/users/users.ts';

export const handler = serve((api) => {
  api.get('/users/twins', async (request, response) => {
    const twins = await traced(response, (trace) => users.listTwins(trace));
    sendTagged(request, response, twins);
  });
});
