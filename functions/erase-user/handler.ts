/** DELETE /users/bin/{id} */
import { conditionsOf } from '#lib/http/event.ts';
import { readId } from '#lib/http/parameters.ts';
import { serve } from '#lib/http/serve.ts';
import { log } from '#lib/logger.ts';
import { users } from '#lib/users/users.ts';
import { preconditionOf } from '#lib/users/version.ts';

export const handler = serve((api) => {
  api.delete('/users/bin/:id', async (request, response) => {
    const id = readId(request);
    await users.erase(id, preconditionOf(conditionsOf(request)));
    log.info('User erased', { id }, request.context);
    response.removeHeader('content-type').status(204).send('');
  });
});
