/** The work that a function's process reports in the body of each `pong` frame. */

/** The work of a process since its start. */
export interface ProcessWork {
  /** How long its event loop was busy (ms). */
  readonly activeMs: number;
  /** How many invocations have ended. */
  readonly ended: number;
  /** How long these invocations ran, added up (ms). */
  readonly ranMs: number;
}

const bytes = 24;

export function encodeWork({ activeMs, ended, ranMs }: ProcessWork): Buffer {
  const body = Buffer.allocUnsafe(bytes);
  body.writeDoubleLE(activeMs, 0);
  body.writeDoubleLE(ended, 8);
  body.writeDoubleLE(ranMs, 16);
  return body;
}

/** @throws RangeError when the body is too short */
export function decodeWork(body: Buffer): ProcessWork {
  return { activeMs: body.readDoubleLE(0), ended: body.readDoubleLE(8), ranMs: body.readDoubleLE(16) };
}
