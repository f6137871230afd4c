import { jsonResponse, listParameters, listResponses, type Operation, readHeaders } from '#lib/http/openapi.ts';
import { DeletedUserPage } from '#lib/users/bin-schema.ts';
import { binSortColumns } from '#lib/users/resource.ts';

export const operation: Operation = {
  summary: 'List deleted users, page by page',
  description: '`q` searches names and e-mails. `BIN_DAYS` says how long a deleted user can be restored.',
  parameters: listParameters(Object.keys(binSortColumns)),
  responses: { ...listResponses, 200: jsonResponse('One page', DeletedUserPage, readHeaders) },
};
