import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { exchange, open, parse } from '../../../infra/tests/lifecycle/raw.ts';
import { createFormReceiver } from './form-body.ts';
import { refuse } from './responses.ts';

/**
 * Starts a server that takes forms of 100 bytes and 5 fields, and 150 bytes of all forms. It answers with the form.
 * @param maxClientFormBytes for the forms of one client
 */
async function start(t: TestContext, maxClientFormBytes = 150) {
  const receive = createFormReceiver({ maxBodyBytes: 100, maxFormBytes: 150, maxClientFormBytes, maxFormFields: 5 });
  const server = createServer(async (request, response) => {
    request.on('data', () => server.emit('arrived'));
    const form = await receive(request, response);
    if (Buffer.isBuffer(form)) {
      // The path /kept holds the form in memory.
      if (request.url !== '/kept') response.end(form);
    } else if (form) refuse(request, response, form);
  });
  server.on('checkContinue', (request, response) => server.emit('request', request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const head = (path: string, fields: string) =>
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${fields}\r\n\r\n`;
  /** Sends a form of which `arriving` of `announced` bytes arrive. */
  const begin = async (announced: number, arriving: number, path = '/', client = 'a') => {
    const arrived = once(server, 'arrived');
    const connection = await open(url);
    connection.socket.write(
      head(path, `Content-Length: ${announced}\r\nX-Client-Key: ${client}`) + 'x'.repeat(arriving),
    );
    await arrived;
    return connection;
  };
  const post = async (body: string, fields = `Content-Length: ${body.length}`) =>
    (await exchange(url, head('/', fields), body)).at(-1);
  return { begin, post, exchange: (fields: string) => exchange(url, head('/', fields)) };
}

test('a form arrives whole, with a length or in chunks, and may be empty', async (t) => {
  const { post } = await start(t);
  assert.equal((await post('hello'))?.body, 'hello');
  assert.match((await post('5\r\nhello\r\n0\r\n\r\n', 'Transfer-Encoding: chunked'))?.body ?? '', /hello/);
  assert.deepEqual([(await post(''))?.status, (await post('', 'X-A: b'))?.status], [200, 200]);
});

test('a form beyond the limit is refused, announced or not', async (t) => {
  const { post } = await start(t);
  assert.equal((await post('x'.repeat(101)))?.status, 413);
  assert.equal((await post(`65\r\n${'x'.repeat(101)}\r\n0\r\n\r\n`, 'Transfer-Encoding: chunked'))?.status, 413);
});

test('a form with more fields than the limit is refused before anything parses it', async (t) => {
  const { post } = await start(t);
  assert.equal((await post('a=1&a=1&a=1&a=1&a=1'))?.status, 200);
  assert.equal((await post('a=1&a=1&a=1&a=1&a=1&'))?.status, 413);
  assert.equal((await post('&'.repeat(100)))?.status, 413);
});

test('a form of another type is refused', async (t) => {
  const { post } = await start(t);
  const statusOf = async (type: string) => (await post('a=1', `Content-Type: ${type}\r\nContent-Length: 3`))?.status;
  const form = 'application/x-www-form-urlencoded';
  for (const type of [form, `${form}; charset=UTF-8`, form.toUpperCase()])
    assert.equal(await statusOf(type), 200, type);
  const multipart = 'multipart/form-data; boundary=x';
  for (const type of [
    multipart,
    `${form}, ${multipart}`,
    `${form};a=b, ${multipart}`,
    'application/json',
    `${form}x`,
  ]) {
    assert.equal(await statusOf(type), 415, type);
  }
});

test('a client that waits with a large form is refused before it sends the form', async (t) => {
  const { exchange: send } = await start(t);
  const answers = await send('Expect: 100-continue\r\nContent-Length: 101');
  assert.deepEqual(
    answers.map(({ status }) => status),
    [413],
  );
});

test('forms that are only announced take no memory from others', async (t) => {
  const { begin, post } = await start(t);
  for (let count = 0; count < 10; count++) await begin(100, 1);
  assert.equal((await post('x'.repeat(100)))?.status, 200);
});

test('the oldest form that is still arriving gives way, and complete forms stay', async (t) => {
  const { begin, post } = await start(t);
  const oldest = await begin(100, 90);
  const newer = await begin(100, 10);
  assert.equal((await post('x'.repeat(60)))?.status, 200);
  await oldest.closed;
  assert.equal(parse(oldest.received())[0]?.status, 408);
  assert.equal(newer.received(), '');
  await begin(90, 90, '/kept');
  const refused = await post('x'.repeat(70));
  assert.deepEqual([refused?.status, refused?.headers['retry-after']], [503, '1']);
});

test('one client fills its share alone, and gets 429 while its forms are in memory', async (t) => {
  const { begin, post } = await start(t, 100);
  const unfinished = await begin(100, 40, '/', 'busy');
  await begin(60, 60, '/kept', 'busy');
  const postAs = (client: string) => post('x'.repeat(50), `Content-Length: 50\r\nX-Client-Key: ${client}`);
  const refused = await postAs('busy');
  assert.deepEqual([refused?.status, refused?.headers['retry-after']], [429, '1']);
  await unfinished.closed;
  assert.equal(parse(unfinished.received())[0]?.status, 408);
  assert.equal((await postAs('other'))?.status, 200);
});

test('beyond the limit of all forms, a form of the client that has the most gives way', async (t) => {
  const { begin, post } = await start(t);
  const small = await begin(100, 20, '/', 'small');
  const large = await begin(100, 90, '/', 'large');
  assert.equal((await post('x'.repeat(60)))?.status, 200);
  await large.closed;
  assert.equal(small.received(), '');
});
