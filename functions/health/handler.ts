/** GET /health */
import { serve } from '#lib/http/serve.ts';
import { dataAccess } from '#lib/services.ts';

export const handler = serve((api) => {
  api.get('/health', async (_request, response) => {
    const { database, databaseEngine, cache } = await dataAccess.health();
    const works = database === 'ok';
    response.status(works ? 200 : 503).header('cache-control', 'no-store');
    response.json({
      status: works ? 'ok' : 'unavailable',
      database,
      databaseEngine,
      cache: cache.state,
      cacheEngine: cache.engine,
      ...(cache.reason && { cacheReason: cache.reason }),
    });
  });
});
