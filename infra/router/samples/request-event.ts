/** Makes the event of a request for a function's route, without a gateway. */
import { randomUUID } from 'node:crypto';
import type { Config } from '../config.ts';
import { createEvent } from '../gateway/event.ts';
import { pathOf } from '../gateway/request-target.ts';
import { type Match, RouteTree } from '../gateway/route-tree.ts';
import { type FunctionConfiguration, parseFunction } from '../manifest.ts';
import type { Api } from '../route-configuration.ts';

/** A request as a person states it. */
export interface RequestStatement {
  method: string;
  /** Path and query string. */
  target: string;
  /** Header names and values in turn. */
  rawHeaders: string[];
  /** Text. */
  body?: string | undefined;
}

/** @returns a path that matches a route's: `/things/1` for `/things/{id}` */
export function samplePath(path: string): string {
  return path.replaceAll(/\{[\w.-]+\+?\}/g, '1');
}

/** @returns method and path of a route key; GET and / for "$default" */
export function methodAndPath(key: string): [method: string, path: string] {
  const [method = '', path] = key.split(' ');
  return path === undefined ? ['GET', '/'] : [method === 'ANY' ? 'GET' : method, path];
}

/** @returns the event that the gateway would make; undefined when the request matches no route of the function */
export function eventOfRequest(
  configuration: FunctionConfiguration,
  { accountId, stageVariables }: Config,
  { method, target, rawHeaders, body }: RequestStatement,
): Record<string, unknown> | undefined {
  const host = `${configuration.name}.lambda-url.localhost`;
  const lower = rawHeaders.map((text) => text.toLowerCase());
  const more = body === undefined || lower.includes('content-type') ? [] : ['content-type', 'application/json'];
  const routes = new RouteTree([configuration]);
  const match: Match | undefined = routes.find(method, pathOf(target)) ?? routes.findUrl(host);
  if (!match) return undefined;
  if (!lower.includes('host')) more.push('host', match.route.api === 'url' ? host : 'localhost');
  const request = { method, target, httpVersion: '1.1', rawHeaders: [...rawHeaders, ...more], sourceIp: '127.0.0.1' };
  const origin = { requestId: randomUUID(), time: Date.now(), accountId, apiId: 'cadastro', stageVariables };
  const event = createEvent(request, match, origin);
  if (body !== undefined) event.body = body;
  return event;
}

/** @returns the event of a request for the function's route of an API, or for one that it might have */
export function requestEvent(api: Api, configuration: FunctionConfiguration, config: Config): object {
  const { name, routes } = configuration;
  const own = routes.find((route) => route.api === api);
  const route = own ?? { key: api === 'url' ? '$default' : 'POST /things/{id}', api };
  const [method, path] = methodAndPath(route.key);
  const event = eventOfRequest(parseFunction({ name, route }, '/'), config, {
    method,
    target: `${samplePath(path)}?parameter1=value1&parameter1=value2&parameter2=value`,
    rawHeaders: ['accept', '*/*', 'user-agent', 'curl/8.5.0'],
    body: /^(POST|PUT|PATCH)$/.test(method) ? '{"name":"Ada"}' : undefined,
  });
  if (!event) throw new Error(`The sample does not match the route "${route.key}"`);
  return event;
}
