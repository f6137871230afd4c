import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants, createGzip, type Gzip } from 'node:zlib';

/** Has a page's answer compressed on its way out, for readers that take gzip. */
export function compress(request: IncomingMessage, response: ServerResponse): void {
  if (request.method === 'HEAD' || !/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return;
  const writeHead = response.writeHead.bind(response);
  const write = response.write.bind(response);
  const end = response.end.bind(response);
  let gzip: Gzip | undefined;

  const start = (status: number, given: Record<string, string | string[] | number> = {}) => {
    const headers = { ...given };
    const type = String(headers['content-type'] ?? '');
    if (/^(text\/|application\/(json|problem\+json))/.test(type) && !headers['content-encoding']) {
      delete headers['content-length'];
      headers['content-encoding'] = 'gzip';
      headers.vary = [headers.vary, 'accept-encoding'].flat().filter(Boolean).join(', ');
      gzip = createGzip({ level: 2, flush: constants.Z_NO_FLUSH });
      gzip.on('data', (chunk) => write(chunk));
      gzip.on('end', () => end());
      response.once('close', () => gzip?.destroy());
    }
    return writeHead(status, headers);
  };

  Object.assign(response, {
    writeHead: start,
    write: (chunk: Uint8Array | string) => (gzip ? gzip.write(chunk) : write(chunk)),
    end: (chunk?: Uint8Array | string) => {
      if (gzip) gzip.end(chunk);
      else end(chunk);
      return response;
    },
  });
}
