/** The operations of the control API, and which one a request is for. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { unknownOperation } from './api-error.ts';

/** One request of the control API, and the response for its answer. */
export interface ControlRequest {
  request: IncomingMessage;
  response: ServerResponse;
  requestId: string;
  /** Parameters of the path by name, decoded. */
  parameters: Record<string, string | undefined>;
  query: URLSearchParams;
}

/** An answer that the server writes out. */
export interface ControlReply {
  status: number;
  headers?: Record<string, string>;
  /** An object goes out as JSON. */
  body?: Buffer | string | object;
}

/** Answers one kind of request. @returns undefined when it has written the answer itself */
export type Operation = (call: ControlRequest) => ControlReply | undefined | Promise<ControlReply | undefined>;

/** A method, a path such as "/2015-03-31/functions/{name}", and the operation for it. GET takes HEAD as well. */
export type ControlRoute = [method: 'GET' | 'POST', path: string, operation: Operation];

/**
 * Finds the operation for a request. A slash at the end of the path makes no difference.
 * @param path as it was sent, without the query string
 * @throws UnknownOperationException with status 404, or 405 where the path takes other methods
 */
export function findOperation(
  routes: ControlRoute[],
  method: string,
  path: string,
): { operation: Operation; parameters: ControlRequest['parameters'] } {
  const allowed: string[] = [];
  for (const [routeMethod, template, operation] of routes) {
    const parameters = matchPath(template, path);
    if (!parameters) continue;
    const methods = routeMethod === 'GET' ? ['GET', 'HEAD'] : [routeMethod];
    if (methods.includes(method)) return { operation, parameters };
    allowed.push(...methods);
  }
  throw unknownOperation(method, path, allowed);
}

/** @returns the path's parameters by name; undefined when the path is another one */
function matchPath(template: string, path: string): Record<string, string> | undefined {
  const wanted = template.split('/');
  const segments = path.replace(/\/$/, '').split('/');
  if (segments.length !== wanted.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const [, name] = /^\{(\w+)\}$/.exec(wanted[index] ?? '') ?? [];
    if (!name) {
      if (segment !== wanted[index]) return undefined;
      continue;
    }
    const value = decode(segment);
    if (!value) return undefined;
    parameters[name] = value;
  }
  return parameters;
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
