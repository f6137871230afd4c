/** GET /me: who calls, and in which role. */

import { roleOf } from '#lib/accounts/caller.ts';
import { actorOf } from '#lib/actor.ts';
import { eventOf } from '#lib/http/event.ts';
import { serve } from '#lib/http/serve.ts';

export const handler = serve((api) => {
  api.get('/me', (request, response) => {
    const event = eventOf(request);
    response.header('cache-control', 'no-store').json({ ...actorOf(event), role: roleOf(event) });
  });
});
