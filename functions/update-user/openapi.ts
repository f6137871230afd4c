import {
  bodyResponses,
  etagHeader,
  jsonBody,
  jsonResponse,
  type Operation,
  pathParameter,
  problemResponse,
  writeConditions,
} from '#lib/http/openapi.ts';
import { User, UserPatch } from '#lib/users/schema.ts';

export const operation: Operation = {
  summary: 'Change fields of a user (JSON merge patch)',
  parameters: [pathParameter('id', User.properties.id), ...writeConditions],
  requestBody: jsonBody(UserPatch),
  responses: {
    ...bodyResponses,
    200: jsonResponse('Changed', User, etagHeader),
    404: problemResponse('There is no such user'),
    409: problemResponse('Another user has this e-mail'),
    412: problemResponse('If-Match or If-None-Match refuses the current version'),
  },
};
