import {
  bodyResponses,
  jsonBody,
  jsonResponse,
  type Operation,
  problemResponse,
  requestHeader,
} from '#lib/http/openapi.ts';
import { UserDeletion, UserDeletionResults } from '#lib/users/batch-schema.ts';

export const operation: Operation = {
  summary: 'Delete many users, by id or by a search',
  description:
    'One transaction deletes up to 1,000 users. A user that is refused leaves the others as they are, and its result says why.',
  parameters: [
    requestHeader(
      'Idempotency-Key',
      'A request with the same key and body within 24 hours gets the first response again',
    ),
  ],
  requestBody: jsonBody(UserDeletion),
  responses: {
    ...bodyResponses,
    400: problemResponse(
      'Fields are wrong, and the problem names each; or the body has over 10,000 members or 32 levels',
    ),
    200: jsonResponse('One result for each user', UserDeletionResults),
    422: problemResponse('The Idempotency-Key was used with another body'),
  },
};
