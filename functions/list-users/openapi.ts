import {
  ifNoneMatch,
  jsonResponse,
  type Operation,
  problemResponse,
  queryParameter,
  readHeaders,
  readResponses,
} from '#lib/http/openapi.ts';
import { UserPage } from '#lib/users/schema.ts';

export const operation: Operation = {
  summary: 'List users, page by page',
  parameters: [
    queryParameter('limit', 'Users per page', { type: 'integer', minimum: 1, maximum: 1000, default: 100 }),
    queryParameter('cursor', 'The `next` of the page before', { type: 'string' }),
    queryParameter('q', 'Text that the name or the e-mail contains, whatever its case and accents', {
      type: 'string',
      maxLength: 100,
    }),
    queryParameter('sort', 'Field to sort by, with - in front for descending order', {
      enum: ['id', 'name', 'email', 'createdAt', '-id', '-name', '-email', '-createdAt'],
      default: 'id',
    }),
    ifNoneMatch,
  ],
  responses: {
    ...readResponses,
    200: jsonResponse('One page', UserPage, readHeaders),
    414: problemResponse('The query string is too long'),
  },
};
