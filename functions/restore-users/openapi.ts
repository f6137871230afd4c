import { batchResponses, idempotencyKey, jsonBody, jsonResponse, type Operation } from '#lib/http/openapi.ts';
import { UserRestoration, UserRestorationResults } from '#lib/users/bin-schema.ts';

export const operation: Operation = {
  summary: 'Restore deleted users',
  description:
    'A restored user keeps its id and gets a new version. A user that is refused leaves the others as they are, and its result says why.',
  parameters: [idempotencyKey],
  requestBody: jsonBody(UserRestoration),
  responses: {
    ...batchResponses,
    200: jsonResponse('One result for each id', UserRestorationResults),
  },
};
