import type { Operation } from '#lib/http/openapi.ts';

export const operation: Operation = {
  summary: 'Sign out',
  responses: {
    204: { description: 'The session has ended' },
  },
};
