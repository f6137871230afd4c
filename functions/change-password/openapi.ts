import * as schema from '#lib/accounts/schema.ts';
import { bodyResponses, jsonBody, type Operation, problemResponse } from '#lib/http/openapi.ts';

export const operation: Operation = {
  summary: 'Change the own password',
  requestBody: jsonBody(schema.PasswordChange),
  responses: {
    ...bodyResponses,
    204: { description: 'The password has changed, and the other sessions have ended' },
    403: problemResponse('The current password is wrong'),
    429: problemResponse('Too many attempts failed; Retry-After says how long to wait'),
  },
};
