/** POST /users/batch-delete */
import { readJson } from '#lib/http/body.ts';
import { batchJsonLimits } from '#lib/http/json-limits.ts';
import { serve } from '#lib/http/serve.ts';
import { log } from '#lib/logger.ts';
import { parseIdempotencyKey } from '#lib/resources/idempotency.ts';
import { parseUserDeletion } from '#lib/users/parse-batch.ts';
import { users } from '#lib/users/users.ts';

export const handler = serve((api) => {
  api.post('/users/batch-delete', async (request, response) => {
    const key = parseIdempotencyKey(request.headers['idempotency-key']);
    const deletion = parseUserDeletion(readJson(request, batchJsonLimits));
    const { results, left, replayed } = await users.deleteBatch(deletion, key);
    log.info('Batch of users deleted', { users: results.length, left, replayed }, request.context);
    if (replayed) response.header('idempotency-replayed', 'true');
    response.json({ results, left });
  });
});
