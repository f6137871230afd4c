/**
 * Which function a request is for, by API Gateway's rules: a full match before {parameter} before {proxy+} before
 * $default, and a method of its own before ANY.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */
import FindMyWay, { type HTTPMethod } from 'find-my-way';
import { ConfigurationError } from '../config.ts';
import type { FunctionConfiguration } from '../manifest.ts';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

export interface Route {
  /** As in function.json: "GET /users/{id}". */
  routeKey: string;
  functionName: string;
}

export interface Match {
  route: Route;
  /** Decoded. Undefined where the route has none. */
  pathParameters: Record<string, string> | undefined;
}

type Handler = () => void;

export class Routes {
  readonly #router = FindMyWay({ ignoreTrailingSlash: false, caseSensitive: true, maxParamLength: 16 * 1024 });
  readonly #default: Route | undefined;

  /** @throws ConfigurationError for a route key that can't be read, or that two functions have */
  constructor(functions: FunctionConfiguration[]) {
    const taken = new Map<string, string>();
    const any: [path: string, route: Route, greedy: string | undefined][] = [];
    for (const { name, routes } of functions) {
      for (const routeKey of routes) {
        const other = taken.get(routeKey);
        if (other) throw new ConfigurationError(`route "${routeKey}" is both ${other}'s and ${name}'s`);
        taken.set(routeKey, name);
        const route = { routeKey, functionName: name };
        if (routeKey === '$default') {
          this.#default = route;
          continue;
        }
        const [method, path, greedy] = parseRouteKey(routeKey, name);
        if (method === 'ANY') any.push([path, route, greedy]);
        else this.#add(method, path, route, greedy);
      }
    }
    for (const [path, route, greedy] of any) {
      for (const method of methods) if (!this.#router.hasRoute(method, path)) this.#add(method, path, route, greedy);
    }
  }

  #add(method: HTTPMethod, path: string, route: Route, greedy: string | undefined): void {
    this.#router.on(method, path, (() => {}) as Handler, { route, greedy });
  }

  /** @param path as it was sent, without the query string */
  find(method: string, path: string): Match | undefined {
    const found = this.#router.find(method as HTTPMethod, path);
    if (!found) return this.#default && { route: this.#default, pathParameters: undefined };
    const { route, greedy } = found.store as { route: Route; greedy: string | undefined };
    const { params } = found;
    if (greedy) {
      params[greedy] = params['*'] ?? '';
      delete params['*'];
    }
    for (const _ in params) return { route, pathParameters: params as Record<string, string> };
    return { route, pathParameters: undefined };
  }

  /** The methods that a path has a route for; none when the path is unknown. */
  allowed(path: string): string[] {
    const own: string[] = methods.filter((method) => this.#router.find(method, path));
    return own.includes('GET') && !own.includes('HEAD') ? [...own, 'HEAD'] : own;
  }
}

/** "GET /files/{proxy+}" as method, path in the router's notation, and the name of the greedy parameter. */
function parseRouteKey(routeKey: string, name: string): [HTTPMethod | 'ANY', string, string | undefined] {
  const [, method, path] = /^([A-Z]+) (\/\S*)$/.exec(routeKey) ?? [];
  if (!method || !path || (method !== 'ANY' && !methods.some((one) => one === method))) {
    throw new ConfigurationError(
      `route "${routeKey}" of ${name}: it takes "METHOD /path", with ${methods.join(', ')} or ANY, or "$default"`,
    );
  }
  let greedy: string | undefined;
  const segments = path.split('/').map((segment, index, all) => {
    const [, parameter, plus] = /^\{([\w.-]+)(\+?)\}$/.exec(segment) ?? [];
    if (!parameter) {
      if (/[{}*]/.test(segment))
        throw new ConfigurationError(`route "${routeKey}" of ${name}: can't read "${segment}"`);
      return segment.replaceAll(':', '::');
    }
    if (!plus) return `:${parameter}`;
    if (index !== all.length - 1) {
      throw new ConfigurationError(`route "${routeKey}" of ${name}: {${parameter}+} takes the last place`);
    }
    greedy = parameter;
    return '*';
  });
  return [method as HTTPMethod | 'ANY', segments.join('/'), greedy];
}
