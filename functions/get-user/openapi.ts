import {
  ifNoneMatch,
  jsonResponse,
  type Operation,
  pathParameter,
  problemResponse,
  readHeaders,
  readResponses,
} from '#lib/http/openapi.ts';
import { User } from '#lib/users/schema.ts';

export const operation: Operation = {
  summary: 'Get a user',
  parameters: [pathParameter('id', User.properties.id), ifNoneMatch],
  responses: {
    ...readResponses,
    200: jsonResponse('The user', User, readHeaders),
    404: problemResponse('There is no such user'),
  },
};
