import {
  bodyResponses,
  etagHeader,
  ifMatch,
  jsonBody,
  jsonResponse,
  type Operation,
  pathParameter,
  problemResponse,
} from '#lib/http/openapi.ts';
import { User, UserInput } from '#lib/users/schema.ts';

export const operation: Operation = {
  summary: 'Replace a user',
  parameters: [pathParameter('id', User.properties.id), ifMatch],
  requestBody: jsonBody(UserInput),
  responses: {
    ...bodyResponses,
    200: jsonResponse('Changed', User, etagHeader),
    404: problemResponse('There is no such user'),
    409: problemResponse('Another user has this e-mail'),
    412: problemResponse('If-Match does not name the current version'),
  },
};
