import {
  bodyResponses,
  etagHeader,
  jsonBody,
  jsonResponse,
  type Operation,
  problemResponse,
  requestHeader,
} from '#lib/http/openapi.ts';
import { User, UserInput } from '#lib/users/schema.ts';

export const operation: Operation = {
  summary: 'Create a user',
  parameters: [
    requestHeader(
      'Idempotency-Key',
      'A request with the same key and body within 24 hours gets the first response again',
    ),
  ],
  requestBody: jsonBody(UserInput),
  responses: {
    ...bodyResponses,
    201: jsonResponse('Created', User, { ...etagHeader, Location: { schema: { type: 'string' } } }),
    409: problemResponse('Another user has this e-mail'),
    422: problemResponse('The Idempotency-Key was used with another body'),
  },
};
