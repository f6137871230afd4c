/** Collects the routes of a project's functions, and finds those that are alike. */
import { methods } from '../../gateway/route-tree.ts';
import { type Place, ProjectError, type ProjectFunction, type RouteSettings } from '../project.ts';
import type { Notices } from './notices.ts';

/** A route with the place that asks for it. */
interface PlacedRoute {
  /** The API that the route belongs to: two of them have different host names on AWS. */
  api: string;
  functionName: string;
  place: Place;
}

/** The routes of one project. */
export class Routes {
  readonly #taken = new Map<string, PlacedRoute>();
  readonly #notices: Notices;

  /** @param notices gets the routes that the host can't serve */
  constructor(notices: Notices) {
    this.#notices = notices;
  }

  /**
   * Adds a route to its function. All APIs of a project share one address here: of alike routes of two APIs the first one counts.
   * @param owner the function that answers
   * @param route the route
   * @param place that asks for the route
   * @param api   identifies the API within the project
   * @throws {ProjectError} for two alike routes of one API
   */
  add(owner: ProjectFunction, route: RouteSettings, place: Place, api: string): void {
    if (route.api === 'url') {
      owner.routes.push(route);
      return;
    }
    const fault = faultOf(route.key);
    if (fault) {
      this.#notices.add(place, `the route "${route.key}" of ${owner.name} is left out: ${fault}`);
      return;
    }
    const pattern = route.key.replaceAll(/\{[^}+]*(\+?)\}/g, '{$1}');
    const other = this.#taken.get(pattern);
    if (!other) {
      this.#taken.set(pattern, { api, functionName: owner.name, place });
      owner.routes.push(route);
      return;
    }
    const where = `${other.place.file}:${other.place.line}`;
    if (other.api === api) {
      throw new ProjectError(
        `the route "${route.key}" of ${owner.name} is already ${other.functionName}'s in ${where}: change one`,
        place,
      );
    }
    const why = `${other.functionName} answers it (${where}), and both APIs share one address here`;
    this.#notices.add(place, `the route "${route.key}" of ${owner.name} is left out: ${why}`);
  }
}

/**
 * @param method such as "get"; "any", "*" and "x-amazon-apigateway-any-method" stand for all
 * @param path   with or without its leading slash
 * @returns the key of a route, such as "GET /users/{id}"
 */
export function routeKey(method: string, path: string): string {
  const name = method.toUpperCase();
  const isAny = name === '*' || name === 'ANY' || name === 'X-AMAZON-APIGATEWAY-ANY-METHOD';
  return `${isAny ? 'ANY' : name} ${path.startsWith('/') ? path : `/${path}`}`;
}

/** @returns why API Gateway has no such route; undefined for a good one */
function faultOf(key: string): string | undefined {
  if (key === '$default') return undefined;
  const [method = '', path = ''] = key.split(' ');
  if (method !== 'ANY' && !methods.some((one) => one === method))
    return `the method is none of ${methods.join(', ')} and ANY`;
  if (!/^(\/[^\s?#{}/]*|\/\{[\w.-]+\+?\})+$/.test(path)) return 'a segment of a path is text or one {parameter}';
  if (/\+\}./.test(path)) return 'a {parameter+} is the last segment of a path';
  return undefined;
}
