/**
 * Answers of reads: where they came from, how long that took, and whether the client has them already.
 */
import type { Request, Response } from 'lambda-api';
import { isKnown } from './conditions.ts';

/** What a read went through, filled in on the way; times in milliseconds. */
export class ReadTrace {
  /** undefined as long as no lookup took place */
  cache: 'hit' | 'miss' | 'bypass' | undefined = undefined;
  cacheTime = 0;
  databaseTime = 0;
}

/**
 * Runs a read and sets X-Cache and Server-Timing, also if it throws.
 * @returns what the read returned
 */
export async function traced<T>(response: Response, read: (trace: ReadTrace) => Promise<T>): Promise<T> {
  const trace = new ReadTrace();
  try {
    return await read(trace);
  } finally {
    if (trace.cache !== undefined) {
      response.header('x-cache', trace.cache);
      response.header('server-timing', timing(trace));
    }
  }
}

/** Answers a read with ready JSON, or with 304. Whoever keeps the answer must ask again before using it. */
export function sendTagged(request: Request, response: Response, json: string, etag: string): void {
  response.header('etag', etag);
  response.header('cache-control', 'no-cache');
  if (isKnown(request.headers['if-none-match'], etag)) response.removeHeader('content-type').status(304).send('');
  else response.send(json);
}

function timing({ cacheTime, databaseTime }: ReadTrace): string {
  const cache = `cache;dur=${cacheTime.toFixed(2)}`;
  return databaseTime === 0 ? cache : `${cache}, db;dur=${databaseTime.toFixed(2)}`;
}
