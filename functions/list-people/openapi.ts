import * as schema from '#lib/accounts/schema.ts';
import { jsonResponse, type Operation } from '#lib/http/openapi.ts';

export const operation: Operation = {
  summary: 'List people',
  responses: {
    200: jsonResponse('Everybody, by name', schema.People),
  },
};
