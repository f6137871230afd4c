/** Reads request bodies, for the gateway and the control API. */
import type { IncomingMessage } from 'node:http';

/** A request body is larger than the limit. */
export class PayloadTooLargeError extends Error {
  override name = 'PayloadTooLarge';
}

/** @returns whether the request's headers announce a body */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/**
 * Reads a request's whole body.
 * @param maxBytes limit of the body; a larger Content-Length is refused before a byte is read
 * @param proceed  called once the announced length is accepted, to send 100 Continue
 * @throws PayloadTooLarge
 * @throws the stream's own error when the client breaks off
 */
export function readBody(request: IncomingMessage, maxBytes: number, proceed?: () => void): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
      reject(new PayloadTooLargeError());
      return;
    }
    proceed?.();
    const chunks: Buffer[] = [];
    let size = 0;
    const collect = (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) {
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
