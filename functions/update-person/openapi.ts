import * as schema from '#lib/accounts/schema.ts';
import { bodyResponses, jsonBody, jsonResponse, type Operation, problemResponse } from '#lib/http/openapi.ts';

export const operation: Operation = {
  summary: 'Change a person',
  requestBody: jsonBody(schema.PersonPatch),
  responses: {
    ...bodyResponses,
    200: jsonResponse('The person', schema.Person),
    404: problemResponse('Nobody has this id'),
    409: problemResponse('The name is taken, or this is the last administrator'),
  },
};
