import * as schema from '#lib/accounts/schema.ts';
import { jsonResponse, type Operation, problemResponse } from '#lib/http/openapi.ts';

export const operation: Operation = {
  summary: 'Make a link for a new password',
  responses: {
    201: jsonResponse('The link', schema.Link),
    404: problemResponse('Nobody has this id'),
  },
};
