/** Responses of reads: X-Cache, Server-Timing, ETag and 304. */
import type { Request, Response } from 'lambda-api';
import { ReadTrace } from '../cache/read-trace.ts';
import type { Representation } from '../cache/representation.ts';
import { counter } from '../metrics.ts';
import { isKnown } from './conditions.ts';
import { conditionsOf } from './event.ts';

const cacheReads = { hit: counter('CacheHits'), miss: counter('CacheMisses'), bypass: counter('CacheBypasses') };

/**
 * Runs a read and sets X-Cache and Server-Timing on the response, also when the read throws.
 * @param response gets the headers
 * @param read fills in the trace
 * @returns what the read returned
 */
export async function traced<T>(response: Response, read: (trace: ReadTrace) => Promise<T>): Promise<T> {
  const trace = new ReadTrace();
  try {
    return await read(trace);
  } finally {
    if (trace.cache !== undefined) {
      cacheReads[trace.cache].add();
      response.header('x-cache', trace.cache);
      response.header('server-timing', serverTiming(trace));
    }
  }
}

/**
 * Answers a read: 200 with the JSON, or 304 when the client has this state. `no-cache` lets clients keep the response, but
 * makes them ask again before they use it.
 */
export function sendTagged(request: Request, response: Response, { json, etag }: Representation): void {
  response.header('etag', etag);
  response.header('cache-control', 'no-cache');
  if (isKnown(conditionsOf(request)['if-none-match'], etag)) response.removeHeader('content-type').status(304).send('');
  else response.send(json);
}

/** @see https://www.w3.org/TR/server-timing/ */
function serverTiming({ cacheMs, databaseMs }: ReadTrace): string {
  const cache = `cache;dur=${cacheMs.toFixed(2)}`;
  return databaseMs === 0 ? cache : `${cache}, db;dur=${databaseMs.toFixed(2)}`;
}
