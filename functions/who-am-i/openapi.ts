import * as schema from '#lib/accounts/schema.ts';
import { jsonResponse, type Operation } from '#lib/http/openapi.ts';

export const operation: Operation = {
  summary: 'Tell who calls',
  responses: {
    200: jsonResponse('The caller', schema.Caller),
  },
};
