/** Follows the W3C trace context of requests into events and logs. */
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { isTraceparent } from '../http/trace-context.ts';
import { type LogLine, type Router, startRouter } from './support/router.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;

let fixtures: Router;

before(async () => {
  fixtures = await startRouter({ dist: 'dist/fixtures' });
});
after(() => fixtures?.stop());

/** @returns the event's headers that the function got, and the id of the request */
async function echo(headers: Record<string, string>) {
  const response = await fetch(`${fixtures.url}/echo`, { headers });
  const { event } = (await response.json()) as { event: { headers: Record<string, string> } };
  return { headers: event.headers, requestId: response.headers.get('x-request-id') ?? '' };
}

it('functions get the trace context of the request', async () => {
  const { headers } = await echo({ traceparent, tracestate: 'vendor=1' });
  assert.deepEqual([headers.traceparent, headers.tracestate], [traceparent, 'vendor=1']);
});

it('functions get a new trace context, named after the request, where the request has no valid one', async () => {
  const without: Record<string, string>[] = [{}, { traceparent: 'nonsense', tracestate: 'vendor=1' }];
  for (const sent of without) {
    const { headers, requestId } = await echo(sent);
    assert.ok(isTraceparent(headers.traceparent), headers.traceparent);
    assert.equal(headers.traceparent.slice(3, 35), requestId.replaceAll('-', ''));
    assert.equal(headers.tracestate, undefined);
  }
});

it('log lines of the router and of functions have the trace id', async () => {
  const send = (path: string) => fetch(fixtures.url + path, { headers: { traceparent } });
  const isTraced = ({ trace_id }: LogLine) => trace_id === traceId;
  await send('/crash?how=exit');
  await fixtures.logged((line) => line.message === 'Invocation failed' && isTraced(line));
  await send('/handled-error?throw=1');
  await fixtures.logged((line) => line.function === 'handled-error' && isTraced(line));
});

it("lines of the directory's functions have the trace id", async (t) => {
  const router = await startRouter({ env: { LOG_LEVEL: 'DEBUG' } });
  t.after(() => router.stop());
  await fetch(`${router.url}/users/77`, { headers: { traceparent } });
  const line = await router.logged(({ trace_id }) => trace_id === traceId);
  assert.deepEqual([line.function, line.status], ['get-user', 404]);
});
