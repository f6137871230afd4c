import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { type Router, startRouter } from '../../tests/support/router.ts';

const concurrency = { concurrency: true };
let router: Router;

before(async () => {
  router = await startRouter({ dist: 'dist/fixtures', env: { MAX_PAYLOAD_BYTES: '10000' } });
});

after(() => router?.stop());

const ask = (path: string, init?: RequestInit) => fetch(router.controlUrl + path, init);

/** Sends bytes as they are. @returns everything that the server sent until it closed the connection */
async function raw(bytes: string): Promise<string> {
  const socket = connect(Number(new URL(router.controlUrl).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write(bytes);
  return text(socket);
}

test('an unknown path is an UnknownOperationException', concurrency, async () => {
  for (const path of [
    '/',
    '/nothing',
    '/2015-03-31/functions/echo/aliases',
    '/2015-03-31/functions/%zz',
    '/status/x',
  ]) {
    const response = await ask(path);
    assert.equal(response.status, 404, path);
    assert.equal(response.headers.get('x-amzn-errortype'), 'UnknownOperationException');
    assert.equal(response.headers.get('content-type'), 'application/json');
    assert.ok(response.headers.get('x-amzn-requestid'));
    assert.deepEqual(await response.json(), { Type: 'User', message: `There is no operation at ${path}` });
  }
});

test('a method that a path does not take is a 405 with Allow', concurrency, async () => {
  const cases: [method: string, path: string, allow: string][] = [
    ['GET', '/2015-03-31/functions/echo/invocations', 'POST'],
    ['HEAD', '/2015-03-31/functions/echo/invocations', 'POST'],
    ['DELETE', '/2015-03-31/functions/echo', 'GET, HEAD'],
    ['POST', '/2015-03-31/functions', 'GET, HEAD'],
    ['PROPFIND', '/status', 'GET, HEAD'],
  ];
  for (const [method, path, allow] of cases) {
    const response = await ask(path, { method });
    assert.deepEqual([response.status, response.headers.get('allow')], [405, allow], `${method} ${path}`);
  }
});

test('HEAD answers as GET, without a body', concurrency, async () => {
  for (const path of ['/status', '/metrics', '/2015-03-31/functions/', '/2015-03-31/functions/echo']) {
    const response = await ask(path, { method: 'HEAD' });
    assert.equal(response.status, 200, path);
    assert.equal(await response.text(), '');
  }
});

test('plain HTTP without an SDK invokes a function', concurrency, async () => {
  const response = await ask('/2015-03-31/functions/echo/invocations', { method: 'POST', body: '{"a":1}' });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'application/json');
  assert.equal(response.headers.get('x-amz-executed-version'), '$LATEST');
  assert.deepEqual(((await response.json()) as { event: object }).event, { a: 1 });
});

test('a trace id reaches the function', concurrency, async () => {
  const trace = 'Root=1-5759e988-bd862e3fe1be46a994272793';
  const headers = { 'x-amzn-trace-id': trace };
  const response = await ask('/2015-03-31/functions/echo/invocations', { method: 'POST', headers });
  assert.equal(((await response.json()) as { context: { xRayTraceId: string } }).context.xRayTraceId, trace);
});

test('a body that is refused before it is read closes the connection', concurrency, async () => {
  const answer = await raw(
    'POST /2015-03-31/functions/echo/invocations HTTP/1.1\r\nHost: a\r\nContent-Length: 20000\r\n\r\n{',
  );
  assert.match(answer, /^HTTP\/1.1 413 /);
  assert.match(answer, /x-amzn-errortype: RequestTooLargeException/);
  assert.match(answer, /connection: close/i);
});

test('a client that breaks off in its body does no harm to the router', concurrency, async () => {
  const socket = connect(Number(new URL(router.controlUrl).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write('POST /2015-03-31/functions/echo/invocations HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{');
  socket.destroy();
  assert.equal((await ask('/status')).status, 200);
});

test('a request that is not HTTP is answered 400', concurrency, async () => {
  assert.match(await raw('NONSENSE\r\n\r\n'), /^HTTP\/1.1 400 /);
});

test('/status describes the router and each function', concurrency, async () => {
  const status = (await (await ask('/status')).json()) as { [name: string]: unknown; functions: { name: string }[] };
  assert.deepEqual(Object.keys(status), ['startedAt', 'uptimeSeconds', 'runtime', 'pid', 'functions']);
  assert.equal(status.pid, router.process.pid);
  const echo = status.functions.find(({ name }) => name === 'echo') as { state?: string } | undefined;
  assert.equal(echo?.state, 'active');
});

test('/metrics counts invocations and events, in the text format of Prometheus', concurrency, async () => {
  const invoke = (name: string, event: object, type = 'RequestResponse') =>
    ask(`/2015-03-31/functions/${name}/invocations`, {
      method: 'POST',
      headers: { 'x-amz-invocation-type': type },
      body: JSON.stringify({ queryStringParameters: event }),
    }).then((response) => response.text());
  await invoke('handled-error', {});
  await invoke('handled-error', { throw: '1' });
  await invoke('reserved-zero', {});
  await invoke('times-out', {});
  await invoke('reserved-zero', {}, 'Event');

  const response = await ask('/metrics');
  assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  const samples = parseMetrics(await response.text());
  const expected = {
    'lambda_invocations_total{function="handled-error"}': 2,
    'lambda_errors_total{function="handled-error"}': 1,
    'lambda_cold_starts_total{function="handled-error"}': 1,
    'lambda_throttles_total{function="reserved-zero"}': 1,
    'lambda_timeouts_total{function="times-out"}': 1,
    'lambda_concurrent_executions{function="handled-error"}': 0,
    'lambda_duration_seconds_count{function="handled-error"}': 2,
    'lambda_environments{function="handled-error",state="ready"}': 1,
    lambda_async_events_received_total: 1,
    lambda_async_events_dropped_total: 1,
    lambda_async_events_queued: 0,
  };
  for (const [name, value] of Object.entries(expected)) assert.equal(samples.get(name), value, name);
  assert.ok((samples.get('lambda_duration_seconds_sum{function="times-out"}') ?? 0) >= 1);
  assert.equal(samples.get('lambda_duration_seconds_bucket{le="+Inf",function="handled-error"}'), 2);
  assert.ok((samples.get('process_resident_memory_bytes') ?? 0) > 1e6);
  if (process.platform === 'linux') {
    const name = 'lambda_environment_resident_memory_bytes{function="handled-error",environment="handled-error-1"}';
    assert.ok((samples.get(name) ?? 0) > 1e6);
  }
});

/**
 * Parses the text format and checks its rules.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
function parseMetrics(body: string): Map<string, number> {
  const samples = new Map<string, number>();
  const families = new Set<string>();
  let family = '';
  assert.ok(body.endsWith('\n'));
  for (const line of body.split('\n').filter(Boolean)) {
    const [, comment, name] = /^# (HELP|TYPE) ([a-z_]+) ./.exec(line) ?? [];
    if (comment === 'HELP' && name) {
      assert.ok(!families.has(name), `${name} comes once`);
      families.add(name);
      family = name;
      continue;
    }
    if (comment === 'TYPE') {
      assert.equal(name, family);
      continue;
    }
    const [, key = '', value] = /^([a-z_]+(?:\{(?:[a-z_]+="[^"]*",?)+\})?) ([\d.e+-]+)$/.exec(line) ?? [];
    assert.ok(key.startsWith(family), `"${line}" belongs to ${family}`);
    assert.ok(!samples.has(key), `${key} comes once`);
    samples.set(key, Number(value));
  }
  return samples;
}
