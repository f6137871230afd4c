import {
  etagHeader,
  jsonResponse,
  type Operation,
  pathParameter,
  problemResponse,
  writeConditions,
} from '#lib/http/openapi.ts';
import { UserChange } from '#lib/users/history-schema.ts';
import { User } from '#lib/users/schema.ts';

export const operation: Operation = {
  summary: 'Restore the state that a user had before a change',
  description: 'A user in the bin comes back with this state. A user that has the state already stays as it is.',
  parameters: [
    pathParameter('id', User.properties.id),
    pathParameter('change', UserChange.properties.id),
    ...writeConditions,
  ],
  responses: {
    200: jsonResponse('The user as it is now', User, etagHeader),
    400: problemResponse('An id is no positive whole number'),
    404: problemResponse('There is no such user, or its history does not have the change'),
    409: problemResponse('Before the change there was no user, or another user has the e-mail'),
    412: problemResponse('If-Match or If-None-Match refuses the current version'),
    415: problemResponse('A web page sent the request without the content type application/json'),
  },
};
