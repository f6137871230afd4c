import * as schema from '#lib/accounts/schema.ts';
import { bodyResponses, jsonBody, jsonResponse, type Operation, problemResponse } from '#lib/http/openapi.ts';

export const operation: Operation = {
  summary: 'Invite a person',
  requestBody: jsonBody(schema.Invitation),
  responses: {
    ...bodyResponses,
    201: jsonResponse('The person, and the link by which that person chooses a password', schema.InvitedPerson),
    409: problemResponse('The name is taken, or there are too many people'),
  },
};
