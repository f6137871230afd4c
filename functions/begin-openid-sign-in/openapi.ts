import * as schema from '#lib/accounts/schema.ts';
import { jsonResponse, type Operation, problemResponse } from '#lib/http/openapi.ts';

export const operation: Operation = {
  summary: 'Begin to sign in by OpenID Connect',
  responses: {
    200: jsonResponse('The sign-in has begun', schema.BegunSignIn),
    404: problemResponse('No provider is configured'),
    503: problemResponse('The provider does not answer'),
  },
};
