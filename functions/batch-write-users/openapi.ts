import {
  bodyResponses,
  jsonBody,
  jsonResponse,
  type Operation,
  problemResponse,
  requestHeader,
} from '#lib/http/openapi.ts';
import { UserBatch, UserBatchResults } from '#lib/users/batch-schema.ts';

export const operation: Operation = {
  summary: 'Create many users, or update those that exist',
  description:
    'One transaction writes all rows. A row that is refused leaves the other rows as they are, and its result says why. ' +
    'With `validateOnly` nothing is written, and the Idempotency-Key is ignored.',
  parameters: [
    requestHeader(
      'Idempotency-Key',
      'A request with the same key and body within 24 hours gets the first response again',
    ),
  ],
  requestBody: jsonBody(UserBatch),
  responses: {
    ...bodyResponses,
    200: jsonResponse('One result for each row', UserBatchResults),
    400: problemResponse('The body as a whole is not valid; or it has over 10,000 members or 32 levels'),
    422: problemResponse('The Idempotency-Key was used with another body'),
  },
};
