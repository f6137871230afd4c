/** The limits of a function: invocations at once, sizes, and idle time. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openableGate } from '../support/gate.ts';
import { type Router, startRouter } from '../support/router.ts';
import { environmentIn, json, routerFor, statusOf } from './environments.ts';
import { open, parse } from './raw.ts';

describe('the limits of a function', { concurrency: 4 }, () => {
  let router: Router;
  before(async () => {
    router = await startRouter({ dist: 'dist/fixtures' });
  });
  after(async () => assert.equal(await router.stop(), 0));

  it('give a process one event at a time by default, and other processes the rest', async (t) => {
    const gate = await openableGate(t);
    const asked = Array.from({ length: 6 }, () => json(fetch(`${router.url}/slow?gate=${gate.url}`)));
    await gate.arrived(2);
    gate.open();
    const answers = await Promise.all(asked);
    assert.ok(answers.every(({ most }) => most === 1));
    assert.ok(new Set(answers.map(({ pid }) => pid)).size > 1);
  });

  it('give a process maxConcurrency events at once, each with its own request id in the log', async (t) => {
    const gate = await openableGate(t);
    const asked = Array.from({ length: 20 }, () => json(fetch(`${router.url}/concurrent?gate=${gate.url}`)));
    await gate.arrived(20);
    gate.open();
    const answers = await Promise.all(asked);
    assert.equal(new Set(answers.map(({ pid }) => pid)).size, 1);
    assert.ok(answers.every(({ most }) => most === 20));
    for (const { requestId } of answers) {
      const line = await router.logged(({ message }) => message === `answering ${requestId}`);
      assert.equal(line.requestId, requestId);
    }
  });

  it('end the wait of a request at INTEGRATION_TIMEOUT_MS, while the function goes on', async (t) => {
    const own = await routerFor(t, { INTEGRATION_TIMEOUT_MS: '300' });
    const gate = await openableGate(t);
    const response = await fetch(`${own.url}/slow?gate=${gate.url}`);
    assert.equal(response.status, 503);
    assert.equal(response.headers.get('retry-after'), '1');
    assert.equal(((await response.json()) as { message: string }).message, 'Service Unavailable');
    const { pid } = await environmentIn(own, 'slow', 'busy');
    gate.open();
    assert.equal((await environmentIn(own, 'slow', 'idle')).pid, pid);
  });

  it('make events beyond MAX_ENVIRONMENTS wait for room', async (t) => {
    const own = await routerFor(t, { MAX_ENVIRONMENTS: '2' });
    const gate = await openableGate(t);
    const asked = Array.from({ length: 8 }, () => json(fetch(`${own.url}/slow?gate=${gate.url}`)));
    while ((await statusOf(own, 'slow')).inFlight < 8);
    await gate.arrived(2);
    gate.open();
    const answers = await Promise.all(asked);
    assert.equal(new Set(answers.map(({ pid }) => pid)).size, 2);
    assert.ok(answers.every(({ most }) => most === 1));
  });

  it('answer 429 beyond reservedConcurrentExecutions', async (t) => {
    const own = await routerFor(t);
    const gate = await openableGate(t);
    const held = Array.from({ length: 60 }, () => fetch(`${own.url}/concurrent?gate=${gate.url}`));
    await gate.arrived(60);
    const refused = await fetch(`${own.url}/concurrent`);
    assert.equal(refused.status, 429);
    assert.equal(refused.headers.get('retry-after'), '1');
    gate.open();
    for (const { status } of await Promise.all(held)) assert.equal(status, 200);
    assert.equal((await fetch(`${own.url}/concurrent`)).status, 200);
    assert.equal((await statusOf(own, 'concurrent')).throttles, 1);
  });

  it('leave an eighth of reservedConcurrentExecutions to other clients, where clients have limits', async (t) => {
    const own = await routerFor(t, { CLIENT_RATE_LIMIT: '1000', TRUSTED_PROXIES: '127.0.0.1' });
    const gate = await openableGate(t);
    const ask = (client: string) =>
      fetch(`${own.url}/concurrent?gate=${gate.url}`, { headers: { 'x-forwarded-for': client } });
    const busy = Array.from({ length: 60 }, () => ask('198.51.100.7'));
    while ((await statusOf(own, 'concurrent')).inFlight < 60);
    await gate.arrived(53);
    const other = ask('198.51.100.8');
    // The newest waiting call of the busy client gives way.
    const refused = await Promise.race([...busy, other]);
    gate.open();
    assert.equal(refused.status, 429);
    assert.equal((await other).status, 200);
    const statuses = (await Promise.all(busy)).map(({ status }) => status);
    assert.equal(statuses.filter((status) => status === 200).length, 59);
  });

  it('leave half of REQUEST_MEMORY_BYTES to others when the bodies of one client wait for the function', async (t) => {
    const memory = { MAX_PAYLOAD_BYTES: '262144', REQUEST_MEMORY_BYTES: '1048576' };
    const own = await routerFor(t, { ...memory, TRUSTED_PROXIES: '127.0.0.1' });
    const gate = await openableGate(t);
    const ask = async (client: string) => {
      const { socket, received, closed } = await open(own.url);
      const fields = `Host: localhost\r\nX-Forwarded-For: ${client}\r\nConnection: close\r\nContent-Length: 200000`;
      socket.write(`GET /concurrent?gate=${gate.url} HTTP/1.1\r\n${fields}\r\n\r\n`);
      socket.write(Buffer.alloc(200_000));
      return { closed, status: () => parse(received())[0]?.status };
    };
    for (let arrived = 1; arrived <= 2; arrived++) {
      await ask('198.51.100.7');
      await gate.arrived(arrived);
    }
    const refused = await ask('198.51.100.7');
    await refused.closed;
    assert.equal(refused.status(), 503);
    const other = await ask('198.51.100.8');
    await gate.arrived(3);
    gate.open();
    await other.closed;
    assert.equal(other.status(), 200);
  });

  it('count a stream until its last byte', async (t) => {
    const own = await routerFor(t, { MAX_ENVIRONMENTS: '1' });
    const gate = await openableGate(t);
    const response = await fetch(`${own.url}/stream?gate=${gate.url}`);
    await gate.arrived();
    assert.equal((await statusOf(own, 'stream')).inFlight, 1);
    gate.open();
    assert.equal(await response.text(), '000011112222');
    while ((await statusOf(own, 'stream')).inFlight > 0);
  });

  it('count a stream whose client has left until its handler has finished', async (t) => {
    const own = await routerFor(t, { MAX_ENVIRONMENTS: '1' });
    const gate = await openableGate(t);
    const leaving = new AbortController();
    await fetch(`${own.url}/stream?chunks=150&size=65536&gate=${gate.url}`, { signal: leaving.signal });
    const { pid } = await environmentIn(own, 'stream', 'busy');
    leaving.abort();
    const next = fetch(`${own.url}/stream?chunks=1`);
    await gate.arrived();
    gate.open();
    assert.equal(await (await next).text(), '0000');
    assert.equal((await environmentIn(own, 'stream', 'idle')).pid, pid);
  });

  it('answer 413 to a body that is too large, and 502 in place of an answer that is too large', async () => {
    const body = Buffer.alloc(1024 * 1024 + 1);
    assert.equal((await fetch(`${router.url}/binary-echo`, { method: 'POST', body })).status, 413);
    const large = await fetch(`${router.url}/huge-answer?bytes=${1024 * 1024}`);
    assert.equal((await large.arrayBuffer()).byteLength, 1024 * 1024);
    const { pid } = await environmentIn(router, 'huge-answer', 'idle');
    assert.equal((await fetch(`${router.url}/huge-answer?bytes=${1024 * 1024 + 1}`)).status, 502);
    assert.equal((await environmentIn(router, 'huge-answer', 'idle')).pid, pid);
  });

  it('end a process whose answer is larger than a frame may be', async (t) => {
    const own = await routerFor(t);
    assert.equal((await fetch(`${own.url}/huge-answer?bytes=${40 * 1024 * 1024}`)).status, 502);
    assert.equal((await fetch(`${own.url}/huge-answer?bytes=1`)).status, 200);
  });

  it('pass binary bodies and answers byte for byte up to six megabytes as base64, where the setting allows them', async (t) => {
    const own = await routerFor(t, { MAX_PAYLOAD_BYTES: String(6 * 1024 * 1024) });
    // The event with its base64 has some bytes less than 6 MB.
    const body = Buffer.allocUnsafe(4.5 * 1024 * 1024 - 1024);
    for (let i = 0; i < body.length; i++) body[i] = (i * 31 + (i >> 8)) & 255;
    const response = await fetch(`${own.url}/binary-echo`, { method: 'POST', body });
    assert.equal(response.headers.get('x-was-base64'), 'true');
    assert.ok(body.equals(Buffer.from(await response.arrayBuffer())));
  });

  it('end processes that were idle for IDLE_TIMEOUT_MS, except those that are kept warm', async (t) => {
    const own = await routerFor(t, { IDLE_TIMEOUT_MS: '100' });
    await fetch(`${own.url}/cookies`);
    while ((await statusOf(own, 'cookies')).environments.length > 0);
    assert.equal((await statusOf(own, 'echo')).environments.length, 1);
  });
});

describe('the context of a handler', { concurrency: true }, () => {
  it('is that of the invocation', async (t) => {
    const router = await routerFor(t);
    const response = await fetch(`${router.url}/echo`);
    const { event, context } = (await response.json()) as Record<string, Record<string, unknown>>;
    assert.equal(context?.awsRequestId, response.headers.get('x-request-id'));
    assert.equal((event?.requestContext as Record<string, unknown>)?.requestId, context?.awsRequestId);
    assert.equal(context?.functionName, 'echo');
    assert.equal(context?.functionVersion, '$LATEST');
    assert.equal(context?.memoryLimitInMB, '128');
    assert.equal(context?.invokedFunctionArn, 'arn:aws:lambda:us-east-1:000000000000:function:echo');
    assert.equal(context?.logGroupName, '/aws/lambda/echo');
    assert.match(String(context?.logStreamName), /^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/);
  });
});
