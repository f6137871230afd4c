import {
  ifNoneMatch,
  jsonResponse,
  listResponses,
  type Operation,
  pageParameters,
  pathParameter,
  problemResponse,
  readHeaders,
} from '#lib/http/openapi.ts';
import { UserHistoryPage } from '#lib/users/history-schema.ts';
import { User } from '#lib/users/schema.ts';

export const operation: Operation = {
  summary: 'List the changes of a user, the latest first',
  description: 'The user may be in the bin, or removed from it. `HISTORY_DAYS` says how long a change is kept.',
  parameters: [pathParameter('id', User.properties.id), ...pageParameters, ifNoneMatch],
  responses: {
    ...listResponses,
    200: jsonResponse('One page', UserHistoryPage, readHeaders),
    404: problemResponse('No user has or had this id, or nothing of the user is kept'),
  },
};
