/** Which operation a request of the control API is for. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import FindMyWay, { type HTTPMethod } from 'find-my-way';
import { unknownOperation } from './errors.ts';

/** One request of the control API, and where its answer goes. */
export interface Call {
  request: IncomingMessage;
  response: ServerResponse;
  requestId: string;
  /** Of the path, decoded. */
  parameters: Record<string, string | undefined>;
  query: URLSearchParams;
}

export interface Reply {
  status: number;
  headers?: Record<string, string>;
  /** An object goes out as JSON. */
  body?: Buffer | string | object;
}

/** @returns undefined when it has written the answer itself */
export type Operation = (call: Call) => Reply | undefined | Promise<Reply | undefined>;

export class ControlRoutes {
  readonly #router = FindMyWay({ ignoreTrailingSlash: true, caseSensitive: true, maxParamLength: 1024 });
  readonly #methods = new Set<HTTPMethod>();

  add(method: 'GET' | 'POST', path: string, operation: Operation): this {
    for (const each of method === 'GET' ? (['GET', 'HEAD'] as const) : ([method] as const)) {
      this.#methods.add(each);
      this.#router.on(each, path, () => {}, operation);
    }
    return this;
  }

  /** @throws UnknownOperationException: 404, or 405 where the path has another method */
  find(method: string, path: string): { operation: Operation; parameters: Call['parameters'] } {
    const found = this.#router.find(method as HTTPMethod, path);
    if (found?.store) return { operation: found.store as Operation, parameters: found.params };
    const allow = [...this.#methods].filter((each) => this.#router.find(each, path)?.store);
    throw unknownOperation(method, path, allow);
  }
}
