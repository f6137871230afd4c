import type { IncomingMessage } from 'node:http';

/** The body is larger than allowed. */
export class PayloadTooLargeError extends Error {
  override name = 'PayloadTooLarge';
}

export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/**
 * Reads a request's body whole.
 * @param limit   in bytes; checked against Content-Length before a byte is read
 * @param proceed called once it is clear that the body is wanted
 * @throws PayloadTooLargeError; whatever the stream fails with when the client breaks off
 */
export function readBody(request: IncomingMessage, limit: number, proceed?: () => void): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > limit) {
      reject(new PayloadTooLargeError());
      return;
    }
    proceed?.();
    const chunks: Buffer[] = [];
    let size = 0;
    const collect = (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) {
        chunks.push(chunk);
        return;
      }
      request.off('data', collect);
      reject(new PayloadTooLargeError());
    };
    request.on('data', collect);
    request.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    request.on('error', reject);
  });
}
