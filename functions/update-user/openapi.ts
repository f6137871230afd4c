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
import { User, UserPatch } from '#lib/users/schema.ts';

export const operation: Operation = {
  summary: 'Change fields of a user (JSON merge patch)',
  parameters: [pathParameter('id', User.properties.id), ifMatch],
  requestBody: jsonBody(UserPatch),
  responses: {
    ...bodyResponses,
    200: jsonResponse('Changed', User, etagHeader),
    404: problemResponse('There is no such user'),
    409: problemResponse('Another user has this e-mail'),
    412: problemResponse('If-Match does not name the current version'),
  },
};
