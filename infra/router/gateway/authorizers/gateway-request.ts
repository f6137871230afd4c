/** A request of the gateway, as authorizers read it: each part is made when somebody asks, because a kept answer needs few. */
import { clientKey } from '../../../http/client-key.ts';
import { canonicalPath } from '../canonical-path.ts';
import { createEvent } from '../event.ts';
import type { EventContext, RequestLine } from '../event-parts.ts';
import { pathOf } from '../request-target.ts';
import type { Match } from '../route-tree.ts';
import type { AuthorizerRequest } from './authorizer.ts';

/** @see AuthorizerRequest for the parts */
export class GatewayRequest implements AuthorizerRequest {
  readonly #line: RequestLine;
  readonly #match: Match;
  readonly #context: EventContext;

  constructor(line: RequestLine, match: Match, context: EventContext) {
    this.#line = line;
    this.#match = match;
    this.#context = context;
  }

  get requestId() {
    return this.#context.requestId;
  }

  get client() {
    return clientKey(this.#line.sourceIp);
  }

  get method() {
    return this.#line.method;
  }

  get path() {
    return canonicalPath(pathOf(this.#line.target), this.#match.hasPrefix);
  }

  get rawPath() {
    return pathOf(this.#line.target);
  }

  get query() {
    return this.#line.target.slice(pathOf(this.#line.target).length + 1);
  }

  get sourceIp() {
    return this.#line.sourceIp;
  }

  get routeKey() {
    return this.#match.route.routeKey;
  }

  get stage() {
    return this.#match.route.stage;
  }

  get payloadFormatVersion() {
    return this.#match.route.payloadFormatVersion;
  }

  get stageVariables() {
    return this.#context.stageVariables;
  }

  headerValues(name: string): string[] {
    const { rawHeaders } = this.#line;
    const values: string[] = [];
    for (let i = 0; i < rawHeaders.length; i += 2) {
      const sent = rawHeaders[i] as string;
      if (sent.length === name.length && sent.toLowerCase() === name) values.push(rawHeaders[i + 1] as string);
    }
    return values;
  }

  createEvent(format: '1.0' | '2.0'): Record<string, unknown> {
    return createEvent(this.#line, this.#match, this.#context, format);
  }
}
