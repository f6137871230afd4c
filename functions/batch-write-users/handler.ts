/** POST /users/batch */
import { readJson } from '#lib/http/body.ts';
import { serve } from '#lib/http/serve.ts';
import { log } from '#lib/logger.ts';
import { parseIdempotencyKey } from '#lib/resources/idempotency.ts';
import { parseUserBatch } from '#lib/users/batch.ts';
import { users } from '#lib/users/users.ts';

/** A thousand rows of two fields have 3,001 members; the rest is room for rows with fields that are not known. */
const jsonLimits = { maxDepth: 32, maxMembers: 10_000 };

export const handler = serve((api) => {
  api.post('/users/batch', async (request, response) => {
    const key = parseIdempotencyKey(request.headers['idempotency-key']);
    const batch = parseUserBatch(readJson(request, jsonLimits));
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
