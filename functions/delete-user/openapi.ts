import { type Operation, pathParameter, problemResponse, writeConditions } from '#lib/http/openapi.ts';
import { User } from '#lib/users/schema.ts';

export const operation: Operation = {
  summary: 'Delete a user',
  parameters: [pathParameter('id', User.properties.id), ...writeConditions],
  responses: {
    204: { description: 'Deleted' },
    400: problemResponse('The id is no positive whole number'),
    404: problemResponse('There is no such user'),
    412: problemResponse('If-Match or If-None-Match refuses the current version'),
  },
};
