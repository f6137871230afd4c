/** Writes the response to one request of the gateway. */
import { type IncomingMessage, type ServerResponse, validateHeaderName, validateHeaderValue } from 'node:http';
import { isTraceparent, newTraceparent, traceIdOf } from '../../http/trace-context.ts';
import type { UnreadResponses } from '../../http/unread-responses.ts';
import { preludeType } from '../../wire/prelude.ts';
import { log } from '../process/log.ts';
import type { InvocationOutcome } from '../runtime/invocation.ts';
import type { Cors } from './cors.ts';
import { type GatewayProblem, problemBody, problems } from './gateway-problems.ts';
import type { HttpMetrics, ShedReason } from './http-metrics.ts';
import { type AnswerFormat, type HttpResponse, parseHead } from './http-response.ts';
import { readPrelude } from './prelude.ts';
import { hasBody } from './request-body.ts';
import type { Route } from './route-tree.ts';

/** The state of the gateway that all its exchanges share. */
export interface ExchangeOptions {
  cors: Cors | undefined;
  unread: UnreadResponses;
  metrics: HttpMetrics;
  /** Whether the router stops. Connections then close after their response. */
  isStopping(): boolean;
}

/** Before a route is found, only the gateway itself answers. */
const defaultFormat: AnswerFormat = { api: 'http', payloadFormatVersion: '2.0' };
/** How long we read on from a body that we refused (ms), so that its sender gets to read the response. */
const lingerMs = 1000;
/** Up to this size (bytes) one write of head and body together costs less than two writes. */
const maxJoinedBodyBytes = 14 * 1024;

/** One request and its response. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  /** Undefined until a route is found. */
  route: Route | undefined;
  /** Makes the CORS headers of the response; undefined where the function makes them. */
  cors: Cors | undefined;
  /** The trace context that the router has made; undefined where the client's own is valid. */
  readonly madeTraceparent: string | undefined;
  readonly #options: ExchangeOptions;
  readonly #begun = performance.now();

  constructor(request: IncomingMessage, response: ServerResponse, requestId: string, options: ExchangeOptions) {
    this.request = request;
    this.response = response;
    this.requestId = requestId;
    this.madeTraceparent = isTraceparent(request.headers.traceparent) ? undefined : newTraceparent(requestId);
    this.cors = options.cors;
    this.#options = options;
  }

  /** The fields by which entries of the log name this request. */
  get logged(): { requestId: string; trace_id: string | undefined } {
    const traceparent = this.madeTraceparent ?? this.request.headers.traceparent;
    return { requestId: this.requestId, trace_id: traceIdOf(traceparent) };
  }

  /** How the route's answers are read. */
  get format(): AnswerFormat {
    return this.route ?? defaultFormat;
  }

  /**
   * Writes a response.
   * @throws ERR_INVALID_CHAR or ERR_INVALID_HTTP_TOKEN from Node.js for a header that can't be written; nothing is sent then
   */
  send({ statusCode, headers, body }: HttpResponse): void {
    const { request, response } = this;
    const list = this.#complete(headers);
    const bodiless = isBodiless(statusCode);
    if (!bodiless) list.push('content-length', String(body.length));
    // The rest of a refused body would be read as the next request of this connection.
    const refused = !request.complete && hasBody(request);
    if (refused || this.#options.isStopping()) list.push('connection', 'close');
    this.#writeHead(statusCode, list);
    const hasContent = !bodiless && request.method !== 'HEAD';
    if (refused) {
      this.#linger(hasContent ? body : undefined);
      return;
    }
    if (!hasContent) response.end();
    // Node.js joins text with the head in one write. Latin-1 keeps every byte as it is.
    else if (body.length <= maxJoinedBodyBytes) response.end(body.toString('latin1'), 'latin1');
    else response.end(body);
    this.#options.unread.limit(response, hasContent ? body.length : 0);
  }

  /** Answers a preflight request without asking a function. */
  sendPreflight(cors: Cors, origin: string): void {
    const list = [...cors.preflight(origin), 'x-request-id', this.requestId];
    if (this.#options.isStopping()) list.push('connection', 'close');
    this.response.writeHead(204, list).end();
    this.#count(204);
  }

  sendProblem(problem: GatewayProblem): void {
    this.send({
      statusCode: problem.status,
      headers: [
        ...['content-type', 'application/problem+json', 'x-content-type-options', 'nosniff'],
        ...(problem.headers ?? []),
      ],
      body: Buffer.from(problemBody(problem, this.requestId)),
    });
  }

  /** Refuses a request of a route to shed load, and counts that. */
  sendShed(reason: ShedReason, problem: GatewayProblem): void {
    this.#options.metrics.shed(this.route?.functionName ?? 'none', reason);
    this.sendProblem(problem);
  }

  /**
   * Passes a streamed answer on. A stream whose client has left is destroyed here. The function does not notice: as on
   * Lambda it runs to its end.
   */
  async sendStream({ contentType, stream }: InvocationOutcome & { type: 'stream' }): Promise<void> {
    const { response } = this;
    try {
      const head =
        contentType === preludeType
          ? { statusCode: 200, ...((await readPrelude(stream)) as object) }
          : { statusCode: 200, headers: { 'content-type': contentType } };
      const { statusCode, headers } = parseHead(head, this.format);
      const list = this.#complete(headers);
      if (this.#options.isStopping()) list.push('connection', 'close');
      this.#writeHead(statusCode, list);
    } catch (error) {
      stream.destroy();
      this.sendMalformed(error);
      return;
    }
    response.flushHeaders();
    stream.on('error', () => {});
    // A response without its end tells the client that the stream broke.
    const breakOff = () => !stream.readableEnded && response.destroy();
    if (stream.closed) breakOff();
    else stream.once('close', breakOff);
    if (response.destroyed) {
      stream.destroy();
      return;
    }
    response.once('close', () => stream.destroy());
    this.#options.unread.limitStream(response);
    stream.pipe(response);
    // The function has finished, but the client may not read the rest.
    stream.once('end', () => this.#options.unread.limit(response, response.writableLength));
  }

  /** Answers 500 or 502 because the function's answer is malformed, or has headers that can't be written. */
  sendMalformed(error: unknown): void {
    const { name, message } = error as Error;
    log.error('The answer is malformed', { ...this.logged, errorType: name, errorMessage: message });
    if (this.response.headersSent) {
      this.response.destroy();
      return;
    }
    // A failed writeHead leaves the text of its status behind.
    this.response.statusMessage = '';
    this.sendProblem(problems.malformedResponse(this.format.api));
  }

  #writeHead(statusCode: number, headers: string[]): void {
    // Node.js forbids the body of a 204 before it refuses a header. The 500 in its place would announce a body and send none,
    // and the client would take the next response for that body. So the headers are checked first.
    for (let i = 0; isBodiless(statusCode) && i < headers.length; i += 2) {
      const name = headers[i] as string;
      validateHeaderName(name);
      validateHeaderValue(name, headers[i + 1] as string);
    }
    this.response.writeHead(statusCode, headers);
    this.#count(statusCode);
  }

  #count(statusCode: number): void {
    this.#options.metrics.answered(this.route, statusCode, performance.now() - this.#begun);
  }

  #complete(headers: string[]): string[] {
    const { cors } = this;
    const list = cors ? cors.replace(headers, this.request.headers.origin) : headers;
    list.push('x-request-id', this.requestId);
    return list;
  }

  /** Sends the response at once, and ends it, which closes the connection, when the client has sent its body or is slow. */
  #linger(body: Buffer | undefined): void {
    const { request, response } = this;
    if (body) response.write(body);
    const end = () => {
      clearTimeout(timer);
      response.end();
    };
    const timer = setTimeout(end, lingerMs);
    request.once('end', end);
    request.once('close', end);
    request.resume();
  }
}

function isBodiless(statusCode: number): boolean {
  return statusCode === 204 || statusCode === 304;
}
