/** Reads request bodies, for the gateway and the control API. */
import type { IncomingMessage } from 'node:http';
import type { MemoryClaim, MemoryLimit } from '../../http/memory-limit.ts';

/** A request body is larger than the limit. */
export class PayloadTooLargeError extends Error {
  override name = 'PayloadTooLarge';
}

/** Bodies fill the memory that REQUEST_MEMORY_BYTES gives to all of them, or the share of one client. */
export class RequestMemoryFullError extends Error {
  override name = 'RequestMemoryFull';
}

/** A body that arrived as a whole. */
export interface RequestBody {
  bytes: Buffer;
  /** Gives its memory back. The caller calls it once, when it needs the body no more. */
  release(): void;
}

/** Memory that a chunk takes beside its bytes (bytes). The limit counts it, because a client may send each byte as a chunk of its own. */
const chunkOverheadBytes = 256;

/** @returns whether the request's headers announce a body */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/**
 * Reads a request's whole body.
 * @param maxBytes limit of the body; a larger Content-Length is refused before a byte is read
 * @param memory   limit of all bodies together; beyond it one that is still arriving is given up
 * @param client   the key of the client, of which each has a share of this limit
 * @param proceed  called once the announced length is accepted, to send 100 Continue
 * @throws PayloadTooLarge
 * @throws RequestMemoryFull
 * @throws the stream's own error when the client breaks off
 */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  memory: MemoryLimit,
  client?: string,
  proceed?: () => void,
): Promise<RequestBody> {
  return new Promise((resolve, reject) => {
    const announced = Number(request.headers['content-length'] ?? Number.POSITIVE_INFINITY);
    if (Number.isFinite(announced) && announced > maxBytes) {
      reject(new PayloadTooLargeError());
      return;
    }
    proceed?.();
    const claim: MemoryClaim = { bytes: 0, client };
    let chunks: Buffer[] = [];
    let size = 0;
    const giveUp = (error: Error) => {
      request.off('data', collect);
      memory.giveBack(claim);
      chunks = [];
      reject(error);
    };
    const full = () => giveUp(new RequestMemoryFullError());
    const collect = (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) return giveUp(new PayloadTooLargeError());
      if (!memory.take(claim, chunk.length + chunkOverheadBytes)) return full();
      chunks.push(chunk);
      if (size < announced) memory.waits(claim, full);
    };
    request.on('data', collect);
    request.on('end', () => {
      memory.goesOn(claim);
      memory.giveBack(claim, Math.max(0, claim.bytes - size));
      const bytes = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
      resolve({ bytes, release: () => memory.giveBack(claim) });
    });
    request.on('error', giveUp);
  });
}
