import * as Type from 'typebox';
import { cacheEngines, cacheFaults } from '#lib/cache/cache-store.ts';
import { databaseEngines } from '#lib/config.ts';
import { jsonResponse, type Operation } from '#lib/http/openapi.ts';

const Health = Type.Object(
  {
    status: Type.Enum(['ok', 'unavailable']),
    database: Type.Enum(['ok', 'unreachable', 'lost']),
    databaseEngine: Type.Enum([...databaseEngines]),
    cache: Type.Enum(['ok', 'bypass', 'full']),
    cacheEngine: Type.Enum([...cacheEngines]),
    cacheReason: Type.Optional(Type.Enum([...cacheFaults, 'revoked'])),
  },
  { title: 'Health' },
);

export const operation: Operation = {
  summary: 'Whether database and cache answer',
  responses: {
    200: jsonResponse('The API works, with the cache or without', Health),
    503: jsonResponse('The database does not answer, or its file was deleted or replaced', Health),
  },
};
