/** One client's keep-alive connections to the router under test. */
import { Agent, request } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** No answer came: why, and whether the request can have reached the router at all. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  readonly sent: boolean;

  constructor(message: string, sent: boolean) {
    super(message);
    this.sent = sent;
  }
}

/** Milliseconds after which a client gives up: longer than any function may take. */
const patience = 12_000;

export class HttpClient {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** @throws {NoAnswer} */
  send(method: string, path: string, headers: Record<string, string>, body?: object): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const json = body === undefined ? undefined : JSON.stringify(body);
      const sent = request(`${this.#url}${path}`, {
        method,
        agent: this.#agent,
        timeout: patience,
        headers: json === undefined ? headers : { 'content-type': 'application/json', ...headers },
      });
      const fail = (error: NodeJS.ErrnoException) =>
        reject(new NoAnswer(error.code ?? error.message, error.code !== 'ECONNREFUSED'));
      sent.on('error', fail);
      sent.on('timeout', () => sent.destroy(new Error(`no answer within ${patience} ms`)));
      sent.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () => {
          const answer = { status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() };
          resolve({ ...answer, headers: response.headers as Answer['headers'] });
        });
      });
      sent.end(json);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
