import { jsonResponse, listParameters, listResponses, type Operation, readHeaders } from '#lib/http/openapi.ts';
import { userSortColumns } from '#lib/users/resource.ts';
import { UserPage } from '#lib/users/schema.ts';

export const operation: Operation = {
  summary: 'List users, page by page',
  description: '`q` searches names and e-mails: `mueller bjorn` finds Müller, Björn.',
  parameters: listParameters(Object.keys(userSortColumns)),
  responses: { ...listResponses, 200: jsonResponse('One page', UserPage, readHeaders) },
};
