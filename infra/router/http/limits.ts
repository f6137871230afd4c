/** The limits that gateway and control API share. */
import { MemoryLimit, shareOfFree } from '../../http/memory-limit.ts';
import { UnreadResponses } from '../../http/unread-responses.ts';
import type { Config } from '../config.ts';
import { StreamLimit } from './stream-limit.ts';

/** Memory and streams that the clients of one router process share. */
export interface Limits {
  /** Memory of request bodies that arrive or wait. */
  requestMemory: MemoryLimit;
  unreadResponses: UnreadResponses;
  streams: StreamLimit;
  /** How many requests each kind of rate limit has refused. */
  rateLimited: { client: number; route: number };
}

/** @returns the limits of one router process */
export function createLimits(config: Config): Limits {
  return {
    requestMemory: new MemoryLimit(config.requestMemoryBytes, shareOfFree(config.maxPayloadBytes)),
    unreadResponses: new UnreadResponses(config.responseMemoryBytes, config.requestTimeoutMs),
    streams: new StreamLimit(config.streamLimit, config.clientStreamLimit),
    rateLimited: { client: 0, route: 0 },
  };
}
