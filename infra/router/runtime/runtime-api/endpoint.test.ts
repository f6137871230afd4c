import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { openEndpoint } from '../../../tests/support/runtime-api.ts';
import { setLogLevel } from '../../process/log.ts';

async function endpointFor(t: TestContext) {
  const endpoint = await openEndpoint();
  t.after(() => endpoint.client.close());
  return endpoint;
}

test('it listens on loopback alone', async (t) => {
  const { client, port } = await endpointFor(t);
  assert.ok(client);
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.destroy();
  const other = connect(port, '127.0.0.2');
  const [error] = await once(other, 'error');
  assert.equal((error as NodeJS.ErrnoException).code, 'ECONNREFUSED');
});

test('it takes requests of the one process alone, and goes on', async (t) => {
  const { port, call, invoke } = await endpointFor(t);
  invoke();
  const stranger = `require('node:http').get('http://127.0.0.1:${port}/2018-06-01/runtime/invocation/next')
    .on('response', () => console.log('answered')).on('error', ({ code }) => console.log(code))`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', stranger]);
  assert.equal(stdout.trim(), 'ECONNRESET');
  assert.equal((await call('GET', 'invocation/next')).status, 200);
});

for (const path of ['', 'invocation', 'invocation/next/', 'invocation//response', 'invocation/a/b/response', 'exit']) {
  test(`there is nothing at "${path}"`, async (t) => {
    const { call } = await endpointFor(t);
    const { status, body, headers } = await call('POST', path);
    assert.equal(status, 404);
    assert.equal(headers['content-type'], 'application/json');
    assert.equal((body as { errorType: string }).errorType, 'NotFound');
  });
}

for (const [method, path, allow] of [
  ['POST', 'invocation/next', 'GET'],
  ['HEAD', 'invocation/next', 'GET'],
  ['GET', 'invocation/id-1/response', 'POST'],
  ['PUT', 'invocation/id-1/error', 'POST'],
  ['GET', 'init/error', 'POST'],
] as const) {
  test(`${method} ${path} is not allowed`, async (t) => {
    const endpoint = await endpointFor(t);
    const { status, headers } = await endpoint.call(method, path);
    assert.deepEqual([status, headers.allow], [405, allow]);
    assert.equal(endpoint.readies, 0);
  });
}

test('what fails here is a 500 to the runtime, and the endpoint lives on', async (t) => {
  setLogLevel('SILENT');
  t.after(() => setLogLevel('INFO'));
  const { call, client, invoke } = await endpointFor(t);
  const own = client.next;
  client.next = () => {
    throw new Error('a fault of ours');
  };
  const { status, body } = await call('GET', 'invocation/next');
  assert.equal(status, 500);
  assert.deepEqual(body, { errorMessage: 'Internal Server Error', errorType: 'InternalServerError' });
  client.next = own;
  invoke();
  assert.equal((await call('GET', 'invocation/next')).status, 200);
});

test('what is no HTTP is refused, and the endpoint lives on', async (t) => {
  const { call, invoke, port } = await endpointFor(t);
  const socket = connect(port, '127.0.0.1');
  socket.end('GARBAGE\r\n\r\n');
  const [answer] = await once(socket, 'data');
  assert.match(String(answer), /^HTTP\/1\.1 400 /);
  invoke();
  assert.equal((await call('GET', 'invocation/next')).status, 200);
});
