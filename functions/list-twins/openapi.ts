import { jsonResponse, type Operation, readHeaders, readResponses } from '#lib/http/openapi.ts';
import { UserTwins } from '#lib/users/schema.ts';

export const operation: Operation = {
  summary: 'List users that share an e-mail',
  description:
    'Only users from before the comparison of today can be twins: an upgrade keeps them, and a person decides. ' +
    'The response has at most 1000 users.',
  responses: { ...readResponses, 200: jsonResponse('The twins of each e-mail', UserTwins, readHeaders) },
};
