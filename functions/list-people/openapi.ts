import * as schema from '#lib/accounts/schema.ts';
import { jsonResponse, listResponses, type Operation, pageParameters } from '#lib/http/openapi.ts';

const { 400: invalid, 414: tooLong } = listResponses;

export const operation: Operation = {
  summary: 'List people by name, page by page',
  parameters: pageParameters,
  responses: { 200: jsonResponse('One page', schema.PeoplePage), 400: invalid, 414: tooLong },
};
