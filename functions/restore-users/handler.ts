/** POST /users/bin/restore */
import { readJson } from '#lib/http/body.ts';
import { batchJsonLimits } from '#lib/http/json-limits.ts';
import { serve } from '#lib/http/serve.ts';
import { log } from '#lib/logger.ts';
import { parseIdempotencyKey } from '#lib/resources/idempotency.ts';
import { parseUserRestoration } from '#lib/users/parse-batch.ts';
import { users } from '#lib/users/users.ts';

export const handler = serve((api) => {
  api.post('/users/bin/restore', async (request, response) => {
    const key = parseIdempotencyKey(request.headers['idempotency-key']);
    const { ids } = parseUserRestoration(readJson(request, batchJsonLimits));
    const { results, replayed } = await users.restore(ids, key);
    log.info('Users restored', { ids: ids.length, replayed }, request.context);
    if (replayed) response.header('idempotency-replayed', 'true');
    response.json({ results });
  });
});
