/** POST /users/batch */
import { readJson } from '#lib/http/body.ts';
import { batchJsonLimits } from '#lib/http/json-limits.ts';
import { serve } from '#lib/http/serve.ts';
import { log } from '#lib/logger.ts';
import { parseIdempotencyKey } from '#lib/resources/idempotency.ts';
import { parseUserBatch } from '#lib/users/parse-batch.ts';
import { users } from '#lib/users/users.ts';

export const handler = serve((api) => {
  api.post('/users/batch', async (request, response) => {
    const key = parseIdempotencyKey(request.headers['idempotency-key']);
    const batch = parseUserBatch(readJson(request, batchJsonLimits));
    const { results, replayed } = await users.writeBatch(batch, key);
    log.info(
      'Batch of users written',
      { rows: results.length, validateOnly: batch.validateOnly, replayed },
      request.context,
    );
    if (replayed) response.header('idempotency-replayed', 'true');
    response.json({ results });
  });
});
