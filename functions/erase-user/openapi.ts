import { type Operation, pathParameter, problemResponse } from '#lib/http/openapi.ts';
import { User } from '#lib/users/schema.ts';

export const operation: Operation = {
  summary: 'Remove a deleted user from the bin, for good',
  parameters: [pathParameter('id', User.properties.id)],
  responses: {
    204: { description: 'Removed' },
    400: problemResponse('The id is no positive whole number'),
    404: problemResponse('There is no such user in the bin'),
  },
};
