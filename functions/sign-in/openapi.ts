import * as schema from '#lib/accounts/schema.ts';
import { bodyResponses, jsonBody, jsonResponse, type Operation, problemResponse } from '#lib/http/openapi.ts';

export const operation: Operation = {
  summary: 'Sign in',
  requestBody: jsonBody(schema.SignIn),
  responses: {
    ...bodyResponses,
    201: jsonResponse('The session has begun', schema.Session),
    401: problemResponse('Name or password is wrong'),
    429: problemResponse('Too many attempts failed; Retry-After says how long to wait'),
  },
};
