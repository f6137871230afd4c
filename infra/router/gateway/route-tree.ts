/**
 * Finds the function for a request by API Gateway's rules: a full match before {parameter} before {proxy+} before $default,
 * and a method of its own before ANY. A route counts only if it takes the request's method, so the search goes back to a
 * less specific path when the most specific one takes other methods only.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */
import { ConfigurationError } from '../config.ts';
import type { FunctionConfiguration } from '../manifest.ts';
import type { RouteConfiguration } from '../route-configuration.ts';
import { Cors } from './cors.ts';
import { BadRequestError } from './gateway-problems.ts';
import type { Throttling } from './token-bucket.ts';

/** Methods that a route may have. */
export const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** One route of a function. */
export interface Route extends Omit<RouteConfiguration, 'key' | 'cors'> {
  /** As in function.json: "GET /users/{id}". */
  routeKey: string;
  functionName: string;
  /** Undefined where the router's own settings or the function decide. */
  cors: Cors | undefined;
  /** Undefined where the default limit counts. */
  throttling?: Throttling | undefined;
}

/** The route that a request matched. */
export interface Match {
  route: Route;
  /** Values by name, decoded except for REST APIs. Undefined where the route has no parameters. */
  pathParameters: Record<string, string> | undefined;
  /** Whether the first segment of the path is the name of the route's stage, or of its function for a function URL. */
  hasPrefix: boolean;
}

interface Target {
  route: Route;
  /** Names of the path's parameters from left to right. */
  names: string[];
  hasPrefix: boolean;
}

/** The segments that may follow a prefix of a path, and the routes that end there, by method or ANY. */
class Node {
  readonly exact = new Map<string, Node>();
  parameter: Node | undefined;
  readonly ending = new Map<string, Target>();
  readonly greedy = new Map<string, Target>();
}

/** All routes of a build, as a tree of path segments. */
export class RouteTree {
  readonly routes: readonly Route[];
  readonly #root = new Node();
  readonly #default: Route | undefined;
  /** Routes of function URLs by the function's name in lower case. */
  readonly #urls = new Map<string, Route>();
  readonly #restStages = new Set<string>();
  #hasRestAlone = true;

  /** @throws ConfigurationError for a malformed route key, and when two functions have the same one */
  constructor(functions: FunctionConfiguration[]) {
    this.routes = functions.flatMap(({ name, routes, throttling }) =>
      routes.map(({ key, cors, ...settings }) => ({
        ...settings,
        routeKey: key,
        functionName: name,
        cors: cors && new Cors(cors),
        throttling,
      })),
    );
    for (const route of this.routes) {
      if (route.api === 'rest') this.#restStages.add(route.stage);
      else this.#hasRestAlone = false;
      if (route.api === 'url') this.#urls.set(route.functionName.toLowerCase(), route);
      else if (route.routeKey !== '$default') this.#add(route, ...parseRouteKey(route));
      else if (this.#default) throw taken(route, this.#default);
      else this.#default = route;
    }
    // Prefixes come last: a route that names a path itself goes before one that has it by its stage.
    for (const route of this.routes) {
      for (const [method, segments] of prefixed(route)) this.#add(route, method, segments, true);
    }
  }

  /**
   * @param path as it was sent, without the query string
   * @returns the most specific route; undefined when there is none
   * @throws BadRequest for a path that is not percent-encoded UTF-8
   */
  find(method: string, path: string): Match | undefined {
    const values: string[] = [];
    const target = path.charCodeAt(0) === 47 /* / */ ? search(this.#root, path, 1, method, values) : undefined;
    if (!target) return this.#default && { route: this.#default, pathParameters: undefined, hasPrefix: false };
    const { route, names, hasPrefix } = target;
    if (names.length === 0) return { route, pathParameters: undefined, hasPrefix };
    const pathParameters: Record<string, string> = {};
    for (let i = 0; i < names.length; i++) {
      const value = decode(values[i] as string);
      pathParameters[names[i] as string] = route.api === 'rest' ? (values[i] as string) : value;
    }
    return { route, pathParameters, hasPrefix };
  }

  /**
   * Finds a function URL by its host name, which is NAME.lambda-url and any domain.
   * @param host a Host header
   */
  findUrl(host: string): Match | undefined {
    if (this.#urls.size === 0) return undefined;
    const [, name] = /^([^.]+)\.lambda-url\./.exec(host.toLowerCase()) ?? [];
    const route = name === undefined ? undefined : this.#urls.get(name);
    return route && { route, pathParameters: undefined, hasPrefix: false };
  }

  /**
   * @param method that a preflight request asks about
   * @returns how the route answers preflight requests; undefined where it does not say, and in a REST API with an own OPTIONS
   *   method, which goes first there
   */
  corsOf(method: string, path: string, host: string): Cors | undefined {
    const route = (this.findUrl(host) ?? this.find(method, path))?.route;
    const isOwn = route?.api === 'rest' && this.find('OPTIONS', path)?.route.routeKey.startsWith('OPTIONS ');
    return isOwn ? undefined : route?.cors;
  }

  /** @returns whether a path that has no route for a method belongs to a REST API, whose answer differs then */
  isOfRest(path: string): boolean {
    if (this.#hasRestAlone) return this.#restStages.size > 0;
    for (const method of methods) {
      const match = this.find(method, path);
      if (match) return match.route.api === 'rest';
    }
    return this.#restStages.has(path.split('/', 2)[1] ?? '');
  }

  /**
   * @returns the methods for an Allow header: the methods of the path's routes, HEAD where there is GET, and OPTIONS; an
   *   empty list when the path is unknown
   */
  allowed(path: string): string[] {
    const own = new Set<string>(methods.filter((method) => this.find(method, path)));
    if (own.size === 0) return [];
    if (own.has('GET')) own.add('HEAD');
    own.add('OPTIONS');
    return methods.filter((method) => own.has(method));
  }

  /** @param hasPrefix whether the first segment is a prefix. A route that has the path already keeps it then. */
  #add(route: Route, method: string, segments: string[], hasPrefix = false): void {
    const names: string[] = [];
    let node = this.#root;
    let ending = node.ending;
    for (const segment of segments) {
      const [, name, plus] = /^\{([\w.-]+)(\+?)\}$/.exec(segment) ?? [];
      if (!name) {
        const next = node.exact.get(segment) ?? new Node();
        node.exact.set(segment, next);
        node = next;
        ending = node.ending;
        continue;
      }
      if (names.includes(name) || name === '__proto__')
        throw unreadable(route, `the parameter "${segment}" stands there twice or has a reserved name`);
      names.push(name);
      if (plus) {
        ending = node.greedy;
        continue;
      }
      node.parameter ??= new Node();
      node = node.parameter;
      ending = node.ending;
    }
    const other = ending.get(method);
    if (other && hasPrefix) return;
    if (other) throw taken(route, other.route);
    ending.set(method, { route, names: route.routeKey === '$default' ? [] : names, hasPrefix });
  }
}

/** @returns methods and segments of the paths that a route answers below its stage, or below its function's name */
function prefixed(route: Route): [method: string, segments: string[]][] {
  const { api, stage, routeKey, functionName } = route;
  const prefix = api === 'url' ? functionName : stage;
  if (prefix === '$default') return [];
  if (routeKey === '$default') return [[prefix], [prefix, ''], [prefix, '{proxy+}']].map((all) => ['ANY', all]);
  const [method, segments] = parseRouteKey(route);
  const below: [string, string[]] = [method, [prefix, ...segments]];
  return segments.join() === '' ? [[method, [prefix]], below] : [below];
}

/**
 * @param start  index of a segment's first character
 * @param values gets the values of the parameters, still encoded
 */
function search(node: Node, path: string, start: number, method: string, values: string[]): Target | undefined {
  // API Gateway takes several slashes for one.
  while (path.charCodeAt(start) === 47 /* / */) start++;
  const slash = path.indexOf('/', start);
  const segment = slash === -1 ? path.slice(start) : path.slice(start, slash);
  const exact = node.exact.get(segment) ?? (segment.includes('%') ? node.exact.get(decode(segment)) : undefined);
  const depth = values.length;
  for (let i = 0; i < 2; i++) {
    const next = i === 0 ? exact : segment === '' ? undefined : node.parameter;
    if (!next) continue;
    if (i === 1) values.push(segment);
    const found = slash === -1 ? byMethod(next.ending, method) : search(next, path, slash + 1, method, values);
    if (found) return found;
    values.length = depth;
  }
  if (start === path.length || node.greedy.size === 0) return undefined;
  const greedy = byMethod(node.greedy, method);
  if (greedy) values.push(path.slice(start));
  return greedy;
}

function byMethod(targets: Map<string, Target>, method: string): Target | undefined {
  return targets.get(method) ?? (methods.includes(method as 'GET') ? targets.get('ANY') : undefined);
}

/**
 * Decodes percent-encoding.
 * @throws BadRequest for text that is not percent-encoded UTF-8
 */
export function decode(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new BadRequestError('The path is not percent-encoded UTF-8');
  }
}

/** Splits a route key such as "GET /files/{proxy+}". */
function parseRouteKey(route: Route): [method: string, segments: string[]] {
  const [, method, path] = /^([A-Z]+) (\/[^\s?#]*)$/.exec(route.routeKey) ?? [];
  if (!method || !path || (method !== 'ANY' && !methods.some((one) => one === method))) {
    throw unreadable(
      route,
      `write "METHOD /path", with ${methods.join(', ')} or ANY, or "$default"; a path has no "?" and no "#"`,
    );
  }
  const segments = path.slice(1).split('/');
  for (const [index, segment] of segments.entries()) {
    const greedy = /^\{[\w.-]+\+\}$/.test(segment);
    if (segment.includes('*')) throw unreadable(route, `write {proxy+} instead of "${segment}" for the rest of a path`);
    if (segment === '' && index !== segments.length - 1) throw unreadable(route, 'remove one of the two slashes');
    if (greedy && index !== segments.length - 1) throw unreadable(route, `${segment} must be the last segment`);
    if (!greedy && !/^\{[\w.-]+\}$/.test(segment) && /[{}]/.test(segment)) {
      throw unreadable(route, `the segment "${segment}" must be text or one {parameter}`);
    }
  }
  return [method, segments];
}

function unreadable({ routeKey, functionName }: Route, why: string): ConfigurationError {
  return new ConfigurationError(`route "${routeKey}" of ${functionName}: ${why}`);
}

function taken({ routeKey, functionName }: Route, other: Route): ConfigurationError {
  const same = other.routeKey === routeKey ? '' : ` as "${other.routeKey}"`;
  return new ConfigurationError(`route "${routeKey}" is both ${other.functionName}'s${same} and ${functionName}'s`);
}
