/** Compresses pages and CSV exports on their way out. Static files have compressed variants from the build. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants } from 'node:zlib';
import compression from 'compression';

const compressed = /^text\/(html|csv)\b/;

/**
 * The levels favour speed: a list of 100 users takes the site a few milliseconds, and slower levels would add to that.
 * Brotli at 1 makes such a page a fifth smaller than gzip at 2 and takes less CPU.
 * @see infra/docs/decisions/021-site-server-libraries.md
 */
const middleware = compression({
  level: 2,
  brotli: { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } },
  filter: (_request, response) => compressed.test(String(response.getHeader('content-type'))),
});

/** Makes a response compress its body, if the reader accepts that and the body is a page or an export. */
export function compress(request: IncomingMessage, response: ServerResponse): void {
  middleware(request, response, () => {});
}
