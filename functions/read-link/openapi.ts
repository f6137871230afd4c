import * as schema from '#lib/accounts/schema.ts';
import { bodyResponses, jsonBody, jsonResponse, type Operation, problemResponse } from '#lib/http/openapi.ts';

export const operation: Operation = {
  summary: 'Tell whose link it is',
  requestBody: jsonBody(schema.LinkToken),
  responses: {
    ...bodyResponses,
    200: jsonResponse('The person of the link', schema.LinkOwner),
    404: problemResponse('The link is not valid'),
  },
};
