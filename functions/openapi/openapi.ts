import type { Operation } from '#lib/http/openapi.ts';

export const operation: Operation = {
  summary: 'This document',
  responses: { 200: { description: 'OpenAPI 3.1' } },
};
