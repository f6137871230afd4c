/** GET /openapi.json */
import documentedFunctions from 'virtual:documented-functions';
import { serve } from '#lib/http/serve.ts';
import { openApiDocument } from './document.ts';

const json = JSON.stringify(openApiDocument(documentedFunctions));

export const handler = serve((api) => {
  api.get('/openapi.json', (_request, response) => {
    response.header('cache-control', 'no-cache').send(json);
  });
});
