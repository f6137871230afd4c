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
import { User, UserInput } from '#lib/users/schema.ts';

export const operation: Operation = {
  summary: 'Replace a user',
  parameters: [pathParameter('id', User.properties.id), ...writeConditions],
  requestBody: jsonBody(UserInput),
  responses: {
    ...bodyResponses,
    200: jsonResponse('Changed', User, etagHeader),
    404: problemResponse('There is no such user'),
    409: problemResponse('Another user has this e-mail'),
    412: problemResponse('If-Match or If-None-Match refuses the current version'),
  },
};
