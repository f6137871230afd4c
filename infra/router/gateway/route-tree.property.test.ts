/**
 * Properties of routes, compared with a search through the list of all routes.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { holds } from '../../tests/support/property.ts';
import { parseFunction } from '../manifest.ts';
import { BadRequestError } from './gateway-problems.ts';
import { methods, RouteTree } from './route-tree.ts';

// Few names make routes and paths meet often. Empty segments stand for slashes at the end, and in the middle of requests.
const literal = fc.constantFrom('a', 'b', 'é');
const routePath = fc
  .tuple(fc.array(fc.oneof(literal, fc.constant('{}')), { maxLength: 4 }), fc.constantFrom(['{rest+}'], [''], []))
  .map(([segments, end]) => {
    const named = segments.map((segment, i) => (segment === '{}' ? `{p${i}}` : segment));
    return `/${[...named, ...end].join('/')}`;
  });
const routeKeys = fc
  .tuple(
    fc.uniqueArray(fc.tuple(fc.constantFrom('GET', 'POST', 'DELETE', 'ANY'), routePath), {
      selector: ([method, path]) => `${method} ${path}`,
      minLength: 1,
      maxLength: 12,
    }),
    fc.boolean(),
  )
  .map(([routes, hasDefault]) => [
    ...routes.map(([method, path]) => `${method} ${path}`),
    ...(hasDefault ? ['$default'] : []),
  ]);
const requestPath = fc
  .array(
    fc
      .oneof(literal, fc.constantFrom('', 'c', 'a b', 'x/y', '%'))
      .chain((segment) =>
        fc.constantFrom(segment.replace('%', '%25'), encodeAll(segment), encodeURIComponent(segment)),
      ),
    { maxLength: 5 },
  )
  .map((segments) => `/${segments.join('/')}`);
const method = fc.constantFrom(...methods, 'PROPFIND');

/** Percent-encodes every byte. */
function encodeAll(text: string): string {
  return Buffer.from(text).toString('hex').replaceAll(/../g, '%$&');
}

function treeOf(keys: readonly string[]): RouteTree {
  return new RouteTree(keys.map((route, index) => parseFunction({ name: `f${index}`, route }, '/dist')));
}

/** Takes several slashes for one. */
function oneSlash(text: string): string {
  return text.replaceAll(/\/{2,}/g, '/');
}

/** Searches all routes for the most specific one. @returns its key and parameters; undefined without a route */
function findSlowly(keys: readonly string[], method: string, path: string) {
  const asked = oneSlash(path).slice(1).split('/');
  let best: { key: string; rank: string; pathParameters: Record<string, string> } | undefined;
  for (const key of keys.filter((one) => one !== '$default')) {
    const [own = '', pattern = ''] = key.split(' ');
    if (own !== method && !(own === 'ANY' && methods.includes(method as 'GET'))) continue;
    const match = matchOf(pattern.slice(1).split('/'), asked);
    const rank = match && `${match.rank}${own === 'ANY' ? 1 : 0}`;
    if (match && rank && (!best || rank < best.rank)) best = { key, rank, pathParameters: match.pathParameters };
  }
  return best ?? (keys.includes('$default') ? { key: '$default', pathParameters: {} } : undefined);
}

/** @returns the parameters, and a rank that is lower for a more specific pattern; undefined where the pattern differs */
function matchOf(pattern: readonly string[], asked: readonly string[]) {
  const pathParameters: Record<string, string> = {};
  let rank = '';
  for (const [i, segment] of pattern.entries()) {
    const [, name, plus] = /^\{(\w+)(\+?)\}$/.exec(segment) ?? [];
    const value = plus ? asked.slice(i).join('/') : asked[i];
    if (value === undefined || (name && value === '')) return undefined;
    if (name) pathParameters[name] = decodeURIComponent(value);
    else if (decodeURIComponent(value) !== segment) return undefined;
    rank += plus ? '3' : name ? '2' : '1';
    if (plus) return { rank, pathParameters };
  }
  return pattern.length === asked.length ? { rank, pathParameters } : undefined;
}

describe('every table of routes', { concurrency: true }, () => {
  it('gives a request the route that is most specific from left to right, with its parameters decoded', () =>
    holds(
      fc.property(routeKeys, fc.array(fc.tuple(method, requestPath), { minLength: 5 }), (keys, requests) => {
        const tree = treeOf(keys);
        for (const [method, path] of requests) {
          const found = tree.find(method, path);
          const expected = findSlowly(keys, method, path);
          assert.equal(found?.route.routeKey, expected?.key, `${method} ${path}`);
          // A greedy parameter keeps the slashes within it.
          const parameters = Object.entries(found?.pathParameters ?? {}).map(([name, value]) => [
            name,
            oneSlash(value),
          ]);
          assert.deepEqual(Object.fromEntries(parameters), expected?.pathParameters ?? {}, `${method} ${path}`);
        }
      }),
    ));

  it('gives the same routes whatever their order', () =>
    holds(
      fc.property(
        routeKeys.chain((keys) => fc.tuple(fc.constant(keys), fc.shuffledSubarray(keys, { minLength: keys.length }))),
        fc.array(fc.tuple(method, requestPath), { minLength: 5 }),
        ([keys, shuffled], requests) => {
          const [tree, other] = [treeOf(keys), treeOf(shuffled)];
          for (const [method, path] of requests) {
            assert.equal(tree.find(method, path)?.route.routeKey, other.find(method, path)?.route.routeKey);
            assert.deepEqual(tree.allowed(path), other.allowed(path));
          }
        },
      ),
    ));

  it('allows just the methods that a path has routes for, HEAD with GET, and OPTIONS', () =>
    holds(
      fc.property(routeKeys, requestPath, (keys, path) => {
        const own = methods.filter((method) => findSlowly(keys, method, path));
        const allowed = methods.filter(
          (method) =>
            own.includes(method) ||
            (own.length > 0 && (method === 'OPTIONS' || (method === 'HEAD' && own.includes('GET')))),
        );
        assert.deepEqual(treeOf(keys).allowed(path), allowed);
      }),
    ));

  it('refuses nothing but a path that is not percent-encoded UTF-8', () =>
    holds(
      fc.property(
        routeKeys,
        method,
        fc.string({ unit: fc.constantFrom('/', 'a', 'b', '%', '%6', '%61', '%ff', '%C3%A9') }),
        (keys, method, path) => {
          try {
            treeOf(keys).find(method, path);
          } catch (error) {
            assert.ok(error instanceof BadRequestError, String(error));
            assert.throws(() => decodeURIComponent(path), URIError);
          }
        },
      ),
    ));
});
