import type { Operation } from '#lib/http/openapi.ts';

export const operation: Operation = {
  summary: 'Sign out everywhere',
  responses: {
    204: { description: 'All sessions of the caller have ended' },
  },
};
