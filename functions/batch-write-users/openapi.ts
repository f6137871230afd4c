import { batchResponses, idempotencyKey, jsonBody, jsonResponse, type Operation } from '#lib/http/openapi.ts';
import { UserBatch, UserBatchResults } from '#lib/users/batch-schema.ts';

export const operation: Operation = {
  summary: 'Create many users, or update those that exist',
  description:
    'One transaction writes all rows. A row that is refused leaves the other rows as they are, and its result says why. ' +
    'With `validateOnly` nothing is written, and the Idempotency-Key is ignored.',
  parameters: [idempotencyKey],
  requestBody: jsonBody(UserBatch),
  responses: {
    ...batchResponses,
    200: jsonResponse('One result for each row', UserBatchResults),
  },
};
