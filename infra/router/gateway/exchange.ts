import type { IncomingMessage, ServerResponse } from 'node:http';
import { log } from '../process/log.ts';
import type { Outcome } from '../runtime/invocation.ts';
import type { Cors } from './cors.ts';
import { type GatewayProblem, problemBody, problems } from './gateway-problems.ts';
import { type HttpResponse, parseHead } from './http-response.ts';
import { preludeType, readPrelude } from './prelude.ts';
import { hasBody } from './request-body.ts';

/** What all exchanges of a gateway share. */
export interface ExchangeOptions {
  cors: Cors | undefined;
  /** Milliseconds that a client may leave an answer unread. */
  readTimeout: number;
  /** False once the server shuts down: then connections end with their answer. */
  keepsConnections(): boolean;
}

/** Milliseconds that we go on taking a body that we refused, so that its sender gets to read why. */
const lingering = 1000;
/** Bytes that fit into the buffers between us and any client: for more the client's reading is waited for. */
const buffered = 64 * 1024;

/** Bytes of a body up to which copying it behind its head costs less than a second buffer to write. */
const oneWrite = 14 * 1024;

/** One request and its response. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly #options: ExchangeOptions;

  constructor(request: IncomingMessage, response: ServerResponse, requestId: string, options: ExchangeOptions) {
    this.request = request;
    this.response = response;
    this.requestId = requestId;
    this.#options = options;
  }

  send({ statusCode, headers, body }: HttpResponse): void {
    const { request, response } = this;
    const list = this.#complete(headers);
    const bodiless = statusCode === 204 || statusCode === 304;
    if (!bodiless) list.push('content-length', String(body.length));
    // What the client still sends of a body that we refused would be taken for its next request.
    const refused = !request.complete && hasBody(request);
    if (refused || !this.#options.keepsConnections()) list.push('connection', 'close');
    response.writeHead(statusCode, list);
    const hasContent = !bodiless && request.method !== 'HEAD';
    if (refused) this.#linger(hasContent ? body : undefined);
    else if (!hasContent) response.end();
    // As text the body joins the head in one write; every byte is a character of Latin-1 and comes out as it went in.
    else if (body.length <= oneWrite) response.end(body.toString('latin1'), 'latin1');
    else response.end(body);
    if (body.length > buffered && !response.writableFinished) response.setTimeout(this.#options.readTimeout);
  }

  /** The gateway's word on what other origins may do; no function is asked. */
  sendPreflight(cors: Cors, origin: string): void {
    const list = [...cors.preflight(origin), 'x-request-id', this.requestId];
    if (!this.#options.keepsConnections()) list.push('connection', 'close');
    this.response.writeHead(204, list).end();
  }

  sendProblem(problem: GatewayProblem): void {
    this.send({
      statusCode: problem.status,
      headers: ['content-type', 'application/problem+json', ...(problem.headers ?? [])],
      body: Buffer.from(problemBody(problem, this.requestId)),
    });
  }

  /**
   * Passes a streamed answer on. One that nobody wants any more is destroyed, which tells the function nothing: as on
   * Lambda it runs to its end.
   */
  async sendStream({ contentType, stream }: Outcome & { type: 'stream' }): Promise<void> {
    const { response } = this;
    try {
      const head =
        contentType === preludeType
          ? { statusCode: 200, ...((await readPrelude(stream)) as object) }
          : { statusCode: 200, headers: { 'content-type': contentType } };
      const { statusCode, headers } = parseHead(head);
      const list = this.#complete(headers);
      if (!this.#options.keepsConnections()) list.push('connection', 'close');
      response.writeHead(statusCode, list);
    } catch (error) {
      stream.destroy();
      this.malformed(error);
      return;
    }
    response.flushHeaders();
    stream.on('error', () => {});
    // A stream that breaks leaves the response without its end, so that the client knows.
    const breakOff = () => !stream.readableEnded && response.destroy();
    if (stream.closed) breakOff();
    else stream.once('close', breakOff);
    if (response.destroyed) {
      stream.destroy();
      return;
    }
    response.once('close', () => stream.destroy());
    stream.pipe(response);
  }

  /** The function's answer is at fault, or its headers can't be written. */
  malformed(error: unknown): void {
    const { name, message } = error as Error;
    log.error('The answer is malformed', { requestId: this.requestId, errorType: name, errorMessage: message });
    if (this.response.headersSent) this.response.destroy();
    else this.sendProblem(problems.malformedResponse());
  }

  #complete(headers: string[]): string[] {
    const { cors } = this.#options;
    const list = cors ? cors.replace(headers, this.request.headers.origin) : headers;
    list.push('x-request-id', this.requestId);
    return list;
  }

  /** The answer at once; its end, which closes the connection, when the client has sent what it had, or takes too long. */
  #linger(body: Buffer | undefined): void {
    const { request, response } = this;
    if (body) response.write(body);
    const end = () => {
      clearTimeout(timer);
      response.end();
    };
    const timer = setTimeout(end, lingering);
    request.once('end', end);
    request.once('close', end);
    request.resume();
  }
}
