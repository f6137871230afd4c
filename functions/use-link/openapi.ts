import * as schema from '#lib/accounts/schema.ts';
import { bodyResponses, jsonBody, jsonResponse, type Operation, problemResponse } from '#lib/http/openapi.ts';

export const operation: Operation = {
  summary: 'Choose a password by a link',
  requestBody: jsonBody(schema.LinkUse),
  responses: {
    ...bodyResponses,
    200: jsonResponse('The person, who can sign in now', schema.Person),
    404: problemResponse('The link is not valid'),
  },
};
