/** The limits that gateway and control API share. */
import type { Config } from '../config.ts';
import { MemoryLimit } from './memory-limit.ts';
import { StreamLimit } from './stream-limit.ts';
import { UnreadResponses } from './unread-responses.ts';

/** Memory and streams that the clients of one router process share. */
export interface Limits {
  /** Memory of request bodies that arrive or wait. */
  requestMemory: MemoryLimit;
  unreadResponses: UnreadResponses;
  streams: StreamLimit;
}

/** @returns the limits of one router process */
export function createLimits(config: Config): Limits {
  return {
    requestMemory: new MemoryLimit(config.requestMemoryBytes),
    unreadResponses: new UnreadResponses(config.responseMemoryBytes, config.requestTimeoutMs),
    streams: new StreamLimit(config.streamLimit, config.clientStreamLimit),
  };
}
