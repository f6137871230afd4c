import * as schema from '#lib/accounts/schema.ts';
import { bodyResponses, jsonBody, jsonResponse, type Operation, problemResponse } from '#lib/http/openapi.ts';

export const operation: Operation = {
  summary: 'Sign in by OpenID Connect',
  description: 'The first sign-in adds the person. Each one sets the role that the provider names.',
  requestBody: jsonBody(schema.OpenIdReturn),
  responses: {
    ...bodyResponses,
    201: jsonResponse('The session has begun', schema.Session),
    401: problemResponse('The answer of the provider is not valid for this sign-in'),
    403: problemResponse('The provider names no role, or the account is disabled'),
    404: problemResponse('No provider is configured'),
    409: problemResponse('There are as many people as PEOPLE_LIMIT allows'),
    503: problemResponse('The provider does not answer'),
  },
};
