import {
  bodyResponses,
  etagHeader,
  idempotencyKey,
  jsonBody,
  jsonResponse,
  type Operation,
  problemResponse,
} from '#lib/http/openapi.ts';
import { User, UserInput } from '#lib/users/schema.ts';

export const operation: Operation = {
  summary: 'Create a user',
  parameters: [idempotencyKey],
  requestBody: jsonBody(UserInput),
  responses: {
    ...bodyResponses,
    201: jsonResponse('Created', User, { ...etagHeader, Location: { schema: { type: 'string' } } }),
    409: problemResponse('Another user has this e-mail'),
    422: problemResponse('The Idempotency-Key was used with another body'),
  },
};
