import { batchResponses, idempotencyKey, jsonBody, jsonResponse, type Operation } from '#lib/http/openapi.ts';
import { UserDeletion, UserDeletionResults } from '#lib/users/batch-schema.ts';

export const operation: Operation = {
  summary: 'Delete many users, by id or by a search',
  description:
    'One transaction deletes up to 1,000 users. A user that is refused leaves the others as they are, and its result says why.',
  parameters: [idempotencyKey],
  requestBody: jsonBody(UserDeletion),
  responses: {
    ...batchResponses,
    200: jsonResponse('One result for each user', UserDeletionResults),
  },
};
