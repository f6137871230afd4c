/** GET /openapi.json */
import { serve } from '#lib/http/serve.ts';
import { openApiDocument } from '#lib/users/openapi.ts';

const json = JSON.stringify(openApiDocument);

export const handler = serve((api) => {
  api.get('/openapi.json', (_request, response) => {
    response.header('cache-control', 'no-cache').send(json);
  });
});
