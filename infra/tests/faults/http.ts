/** The HTTP client of one simulated user, with keep-alive connections of its own to the routers. */
import { Agent, request } from 'node:http';

/** A response that arrived whole. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** No response came. The message says why. */
export class NoResponse extends Error {
  override readonly name = 'NoResponse';
  /** Whether the request may have reached the router. */
  readonly sent: boolean;

  constructor(message: string, sent: boolean) {
    super(message);
    this.sent = sent;
  }
}

/** A client gives up after this time, which is longer than the time-out that startRouter gives to functions. */
const responseTimeoutMs = 330_000;

/** Sends requests, and tells a lost response from a request that was never sent. */
export class HttpClient {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #urls: readonly string[];
  #turn = 0;

  /** @param urls of the routers, which take turns */
  constructor(urls: readonly string[]) {
    this.#urls = urls;
  }

  /**
   * Sends one request.
   * @param body sent as JSON
   * @throws {NoResponse} when the connection fails before the response is whole
   */
  send(method: string, path: string, headers: Record<string, string>, body?: object): Promise<HttpResponse> {
    const url = this.#urls[this.#turn++ % this.#urls.length];
    return new Promise((resolve, reject) => {
      const json = body === undefined ? undefined : JSON.stringify(body);
      const sent = request(`${url}${path}`, {
        method,
        agent: this.#agent,
        timeout: responseTimeoutMs,
        headers: json === undefined ? headers : { 'content-type': 'application/json', ...headers },
      });
      const fail = (error: NodeJS.ErrnoException) =>
        reject(new NoResponse(error.code ?? error.message, error.code !== 'ECONNREFUSED'));
      sent.on('error', fail);
      sent.on('timeout', () => sent.destroy(new Error(`no response within ${responseTimeoutMs} ms`)));
      sent.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () => {
          const { statusCode: status = 0, headers } = response;
          const body = Buffer.concat(chunks).toString();
          resolve({ status, headers: headers as HttpResponse['headers'], body });
        });
      });
      sent.end(json);
    });
  }

  /** Closes the idle connections. */
  close(): void {
    this.#agent.destroy();
  }
}
