/** GET /health */
import { serve } from '#lib/http/serve.ts';
import { dataAccess } from '#lib/services.ts';

export const handler = serve((api) => {
  api.get('/health', async (_request, response) => {
    const { database, cache } = await dataAccess.health();
    response.status(database ? 200 : 503).header('cache-control', 'no-store');
    response.json({
      status: database ? 'ok' : 'unavailable',
      database: database ? 'ok' : 'unreachable',
      cache: cache ? 'ok' : 'bypass',
    });
  });
});
