import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get } from 'node:http';
import { hostname } from 'node:os';
import { after, before, test } from 'node:test';
import { openableGate } from '../../tests/support/gate.ts';
import { buildGatedFunction } from '../../tests/support/gated-function.ts';
import { freePort } from '../../tests/support/ports.ts';
import { type Router, startRouter } from '../../tests/support/router.ts';

const concurrency = { concurrency: true };
let router: Router;

before(async () => {
  router = await startRouter({ dist: 'dist/fixtures' });
});

after(() => router?.stop());

const ask = (path: string, init?: RequestInit) => fetch(router.statusUrl + path, init);

test('the probes tell a process that lives from one that serves', concurrency, async (t) => {
  const statusPort = await freePort();
  const probe = async (name: string) => {
    const response = await fetch(`http://127.0.0.1:${statusPort}/${name}`);
    return [response.status, await response.json()];
  };
  const gate = await openableGate(t);
  const starting = startRouter({
    env: { STATUS_PORT: String(statusPort), DIST_FOLDER: await buildGatedFunction(t), GATE: gate.url },
  });
  await Promise.race([gate.arrived(), starting]);
  assert.deepEqual(await probe('readyz'), [503, { status: 'starting' }]);
  assert.deepEqual(await probe('livez'), [200, { status: 'ok' }]);
  gate.open();
  const own = await starting;
  assert.deepEqual(await probe('readyz'), [200, { status: 'ok' }]);

  const request = await openableGate(t);
  const held = fetch(`${own.url}/gated?gate=${request.url}`);
  await request.arrived();
  const stopped = own.stop();
  await own.logged(({ message }) => message === 'Shutting down');
  assert.deepEqual(await probe('readyz'), [503, { status: 'stopping' }]);
  assert.deepEqual(await probe('livez'), [200, { status: 'ok' }]);
  request.open();
  await held;
  assert.equal(await stopped, 0);
});

test('the status server runs no function', concurrency, async () => {
  const response = await ask('/2015-03-31/functions/echo/invocations', { method: 'POST', body: '{}' });
  assert.equal(response.status, 404);
  assert.equal(response.headers.get('content-type'), 'application/problem+json');
  assert.equal((await fetch(`${router.controlUrl}/status`)).status, 404);
});

test('a page of another origin and a foreign host name are refused', concurrency, async () => {
  for (const path of ['/status', '/metrics', '/livez', '/readyz', '/nothing']) {
    assert.equal((await ask(path, { headers: { 'sec-fetch-site': 'cross-site' } })).status, 403, path);
    assert.equal((await ask(path, { headers: { origin: 'https://evil.example' } })).status, 403, path);
    const { port } = new URL(router.statusUrl);
    const [response] = await once(get({ port, path, headers: { host: 'rebind.test' } }), 'response');
    assert.equal(response.resume().statusCode, 421, path);
  }
});

test('a method that a page does not take is a 405 with Allow, and HEAD has no body', concurrency, async () => {
  for (const path of ['/status', '/metrics', '/livez', '/readyz']) {
    const refused = await ask(path, { method: 'POST', body: '{}' });
    assert.deepEqual([refused.status, refused.headers.get('allow')], [405, 'GET, HEAD'], path);
    const head = await ask(path, { method: 'HEAD' });
    assert.deepEqual([head.status, await head.text()], [200, ''], path);
  }
});

test('/status describes the router and each function', concurrency, async () => {
  const status = (await (await ask('/status')).json()) as { [name: string]: unknown; functions: { name: string }[] };
  assert.deepEqual(Object.keys(status), ['router', 'startedAt', 'uptimeSeconds', 'runtime', 'pid', 'functions']);
  assert.equal(status.router, hostname());
  assert.equal(status.pid, router.process.pid);
  const echo = status.functions.find(({ name }) => name === 'echo') as { state?: string } | undefined;
  assert.equal(echo?.state, 'active');
});

test('/metrics counts invocations and events, in the text format of Prometheus', concurrency, async () => {
  const invoke = (name: string, event: object, type = 'RequestResponse') =>
    fetch(`${router.controlUrl}/2015-03-31/functions/${name}/invocations`, {
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
