import { type Operation, pathParameter, problemResponse, writeConditions } from '#lib/http/openapi.ts';
import { User } from '#lib/users/schema.ts';

export const operation: Operation = {
  summary: 'Remove a deleted user from the bin, for good',
  parameters: [pathParameter('id', User.properties.id), ...writeConditions],
  responses: {
    204: { description: 'Removed' },
    400: problemResponse('The id is no positive whole number'),
    404: problemResponse('There is no such user in the bin'),
    412: problemResponse('If-Match or If-None-Match refuses the version in the bin'),
  },
};
