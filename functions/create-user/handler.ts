/** POST /users */
import { readJson } from '#lib/http/body.ts';
import { serve } from '#lib/http/serve.ts';
import { log } from '#lib/logger.ts';
import { parseIdempotencyKey } from '#lib/resources/idempotency.ts';
import { users } from '#lib/users/users.ts';
import { parseUserInput } from '#lib/users/validate.ts';
import { etagOf } from '#lib/users/version.ts';

export const handler = serve((api) => {
  api.post('/users', async (request, response) => {
    const key = parseIdempotencyKey(request.headers['idempotency-key']);
    const input = parseUserInput(readJson(request));
    const { user, replayed } = await users.create(input, key);
    log.info('User created', { id: user.id, replayed }, request.context);
    if (replayed) response.header('idempotency-replayed', 'true');
    response.status(201).header('location', `/users/${user.id}`).header('etag', etagOf(user.version)).json(user);
  });
});
