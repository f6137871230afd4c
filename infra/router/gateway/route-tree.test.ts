/** Golden tests of https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseFunction } from '../manifest.ts';
import { BadRequestError } from './gateway-problems.ts';
import { RouteTree } from './route-tree.ts';

/** One function a route, named by its number. */
function routesOf(...keys: (string | object)[]): RouteTree {
  return new RouteTree(keys.map((route, index) => parseFunction({ name: `f${index}`, route }, '/dist')));
}

function keyOf(routes: RouteTree, request: string): string | undefined {
  const [method = '', path = ''] = request.split(' ');
  return routes.find(method, path)?.route.routeKey;
}

describe('routes', { concurrency: true }, () => {
  it('chooses as the example in the documentation of API Gateway does', () => {
    const routes = routesOf('GET /pets/dog/1', 'GET /pets/dog/{id}', 'GET /pets/{proxy+}', 'ANY /{proxy+}', '$default');
    assert.equal(keyOf(routes, 'GET /pets/dog/1'), 'GET /pets/dog/1');
    assert.equal(keyOf(routes, 'GET /pets/dog/2'), 'GET /pets/dog/{id}');
    assert.equal(keyOf(routes, 'GET /pets/cat/1'), 'GET /pets/{proxy+}');
    assert.equal(keyOf(routes, 'POST /test/5'), 'ANY /{proxy+}');
    assert.equal(keyOf(routes, 'GET /'), '$default');
  });

  it('goes back to a less specific path when the most specific one takes other methods only', () => {
    const routes = routesOf('POST /pets/dog', 'GET /pets/{kind}', 'ANY /{proxy+}', 'GET /pets/{kind}/toys/{toy}');
    assert.equal(keyOf(routes, 'GET /pets/dog'), 'GET /pets/{kind}');
    assert.equal(keyOf(routes, 'DELETE /pets/dog'), 'ANY /{proxy+}');
    assert.equal(keyOf(routes, 'GET /pets/dog/food/1'), 'ANY /{proxy+}');
    assert.deepEqual(routes.find('GET', '/pets/dog/food/1')?.pathParameters, { proxy: 'pets/dog/food/1' });
  });

  it('prefers a route with the method to one with ANY, whatever their order and parameters', () => {
    for (const keys of [
      ['GET /pets/{id}', 'ANY /pets/{petId}'],
      ['ANY /pets/{petId}', 'GET /pets/{id}'],
    ]) {
      const routes = routesOf(...keys);
      assert.deepEqual(routes.find('GET', '/pets/6')?.pathParameters, { id: '6' });
      assert.deepEqual(routes.find('PUT', '/pets/6')?.pathParameters, { petId: '6' });
    }
  });

  it('prefers a more specific path with ANY to a less specific one with the method', () => {
    assert.equal(keyOf(routesOf('ANY /pets/{id}', 'GET /pets/{proxy+}'), 'GET /pets/6'), 'ANY /pets/{id}');
  });

  it('matches a greedy parameter with one segment at least', () => {
    const routes = routesOf('GET /files/{proxy+}');
    assert.deepEqual(routes.find('GET', '/files/a/b%20c')?.pathParameters, { proxy: 'a/b c' });
    assert.equal(routes.find('GET', '/files/'), undefined);
    assert.equal(routes.find('GET', '/files'), undefined);
  });

  it('matches no parameter with an empty segment, and treats a trailing slash as another path', () => {
    const routes = routesOf('GET /users', 'GET /users/{id}', 'GET /slashed/');
    assert.equal(routes.find('GET', '/users/'), undefined);
    assert.equal(routes.find('GET', '/users/1/'), undefined);
    assert.equal(routes.find('GET', '/slashed'), undefined);
    assert.equal(keyOf(routes, 'GET /slashed/'), 'GET /slashed/');
  });

  it('takes several slashes for one, and keeps those within a greedy parameter', () => {
    const routes = routesOf('GET /users', 'GET /users/{id}', 'GET /files/{proxy+}', 'GET /slashed/');
    assert.equal(keyOf(routes, 'GET //users'), 'GET /users');
    assert.deepEqual(routes.find('GET', '///users//1')?.pathParameters, { id: '1' });
    assert.deepEqual(routes.find('GET', '/files//https://a/b')?.pathParameters, { proxy: 'https://a/b' });
    assert.equal(keyOf(routes, 'GET /slashed//'), 'GET /slashed/');
    assert.equal(routes.find('GET', '//'), undefined);
    assert.equal(routes.find('GET', '/'.repeat(100_000)), undefined);
  });

  it('tells upper from lower case, and decodes before it compares', () => {
    const routes = routesOf('GET /Users', 'GET /caf\u00e9');
    assert.equal(routes.find('GET', '/users'), undefined);
    assert.equal(keyOf(routes, 'GET /%55sers'), 'GET /Users');
    assert.equal(keyOf(routes, 'GET /caf%C3%A9'), 'GET /caf\u00e9');
  });

  it('decodes parameters, and keeps an encoded slash inside one', () => {
    const routes = routesOf('GET /a/{one}/{two-2.x}');
    assert.deepEqual(routes.find('GET', '/a/x%2Fy/%E2%82%AC+')?.pathParameters, { one: 'x/y', 'two-2.x': '€+' });
  });

  it('refuses a path that is not percent-encoded UTF-8', () => {
    const routes = routesOf('GET /users/{id}');
    for (const path of ['/users/%', '/users/%zz', '/users/%ff', '/users/%C3%28', '/users/%ED%A0%80']) {
      assert.throws(() => routes.find('GET', path), BadRequestError, path);
    }
  });

  it('treats __proto__ and other names of Object.prototype as ordinary names', () => {
    const routes = routesOf('GET /users/{constructor}', 'GET /{proxy+}');
    assert.equal(keyOf(routes, 'GET /__proto__'), 'GET /{proxy+}');
    assert.equal(routes.find('constructor', '/users/1'), undefined);
    assert.deepEqual(Object.entries(routes.find('GET', '/users/__proto__')?.pathParameters ?? {}), [
      ['constructor', '__proto__'],
    ]);
  });

  it('gives $default every method and path', () => {
    const routes = routesOf('$default');
    assert.equal(keyOf(routes, 'PROPFIND /x'), '$default');
    assert.equal(keyOf(routes, 'OPTIONS *'), '$default');
    assert.equal(routes.find('GET', '/x/1')?.pathParameters, undefined);
  });

  it('lists the methods that a path takes, with HEAD for GET and OPTIONS', () => {
    const routes = routesOf('GET /users/{id}', 'DELETE /users/{id}', 'ANY /any', 'POST /only');
    assert.deepEqual(routes.allowed('/users/1'), ['GET', 'HEAD', 'DELETE', 'OPTIONS']);
    assert.deepEqual(routes.allowed('/any'), ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
    assert.deepEqual(routes.allowed('/only'), ['POST', 'OPTIONS']);
    assert.deepEqual(routes.allowed('/nowhere'), []);
  });

  it('names a route key that is malformed', () => {
    for (const key of [
      'get /x',
      'GET x',
      'FETCH /x',
      'GET /{a',
      'GET /x{a}',
      'GET /{a+}/b',
      'GET /{a}/{a}',
      'GET /x?a=1',
      'GET /x#a',
      'GET /x/*',
      'GET /x//y',
      '',
    ]) {
      assert.throws(() => routesOf(key), { name: 'ConfigurationError', message: /of f0: / }, key);
    }
    assert.throws(() => routesOf('GET /{__proto__}'), { name: 'ConfigurationError' });
  });

  it('names two functions that have the same route', () => {
    assert.throws(
      () => routesOf('GET /x/{a}', 'GET /x/{b}'),
      /"GET \/x\/\{b\}" is both f0's as "GET \/x\/\{a\}" and f1's/,
    );
    assert.throws(() => routesOf('$default', '$default'), /"\$default" is both f0's and f1's/);
  });

  it('gives a route of a stage its path with and without the stage', () => {
    const routes = routesOf(
      { key: 'GET /users/{id}', api: 'rest' },
      { key: 'ANY /', api: 'rest', stage: 'dev' },
      { key: '$default', stage: 'v2' },
    );
    const found = (path: string) => {
      const { route, pathParameters, hasPrefix } = routes.find('GET', path) ?? {};
      return [route?.routeKey, pathParameters?.id, hasPrefix];
    };
    assert.deepEqual(found('/users/1'), ['GET /users/{id}', '1', false]);
    assert.deepEqual(found('/Prod/users/1'), ['GET /users/{id}', '1', true]);
    for (const path of ['/dev', '/dev/', '/%64ev']) assert.deepEqual(found(path), ['ANY /', undefined, true], path);
    assert.deepEqual(found('/'), ['ANY /', undefined, false]);
    assert.deepEqual(found('/Prod/users'), ['$default', undefined, false]);
    assert.deepEqual(found('/v2/users'), ['$default', undefined, true]);
  });

  it('prefers a route that names a path to a route whose stage makes the same path', () => {
    const routes = routesOf({ key: 'GET /users', api: 'rest' }, 'GET /Prod/users');
    assert.equal(keyOf(routes, 'GET /users'), 'GET /users');
    assert.equal(keyOf(routes, 'GET /Prod/users'), 'GET /Prod/users');
  });

  it('gives a function URL all paths below the name of its function, and all of a host with its name', () => {
    const url = { key: '$default', api: 'url' };
    const routes = new RouteTree([
      parseFunction({ name: 'One_1', route: [url, 'GET /x'] }, '/dist'),
      parseFunction({ name: 'two', route: [url] }, '/dist'),
      parseFunction({ name: 'three', route: 'GET /' }, '/dist'),
    ]);
    const nameOf = (path: string) => routes.find('PUT', path)?.route.functionName;
    assert.deepEqual(['/One_1', '/One_1/', '/One_1/a/b', '/two/x', '/three', '/'].map(nameOf), [
      ...['One_1', 'One_1', 'One_1', 'two', undefined, undefined],
    ]);
    assert.equal(routes.find('PUT', '/two/x')?.pathParameters, undefined);
    const hostOf = (host: string) => routes.findUrl(host)?.route.functionName;
    assert.equal(hostOf('one_1.lambda-url.localhost:8080'), 'One_1');
    assert.equal(hostOf('TWO.lambda-url.us-east-1.on.aws'), 'two');
    assert.equal(hostOf('three.lambda-url.localhost'), undefined);
    assert.equal(hostOf('two.localhost'), undefined);
  });

  it('passes parameters of REST APIs on as they were sent', () => {
    const routes = routesOf({ key: 'GET /a/{id}/{proxy+}', api: 'rest' });
    assert.deepEqual(routes.find('GET', '/a/%C3%A9+/b%2Fc')?.pathParameters, { id: '%C3%A9+', proxy: 'b%2Fc' });
    assert.throws(() => routes.find('GET', '/a/%ff/b'), BadRequestError);
  });

  it('knows which unmatched paths belong to a REST API', () => {
    const rest = { key: 'GET /users', api: 'rest' };
    const isOfRest = (keys: (string | object)[], path: string) => routesOf(...keys).isOfRest(path);
    assert.equal(isOfRest([rest], '/nowhere'), true);
    for (const path of ['/users', '/Prod', '/Prod/nowhere']) assert.equal(isOfRest([rest, 'GET /'], path), true, path);
    for (const path of ['/', '/nowhere']) assert.equal(isOfRest([rest, 'GET /'], path), false, path);
    assert.equal(routesOf().isOfRest('/'), false);
  });

  it('searches a path of thousands of segments', () => {
    const routes = routesOf('GET /{a}/s/{b}', 'GET /s/{a}/{b}', 'GET /{proxy+}');
    assert.equal(keyOf(routes, `GET ${'/s'.repeat(5000)}`), 'GET /{proxy+}');
  });
});
