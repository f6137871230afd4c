import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { framingFault, requestFault } from './framing.ts';

test('framing that every program reads in the same way passes', () => {
  assert.equal(framingFault({ headers: {}, httpVersion: '1.1' }), undefined);
  assert.equal(framingFault({ headers: {}, httpVersion: '1.0' }), undefined);
  assert.equal(framingFault({ headers: { 'transfer-encoding': 'Chunked' }, httpVersion: '1.1' }), undefined);
});

test('a missing version, and codings that not every program knows, are faults', () => {
  assert.match(framingFault({ headers: {}, httpVersion: '0.9' }) ?? '', /HTTP\/1\.1/);
  assert.match(framingFault({ headers: { 'transfer-encoding': 'chunked' }, httpVersion: '1.0' }) ?? '', /HTTP\/1\.0/);
  for (const coding of ['gzip, chunked', 'identity, chunked', 'chunked, chunked', 'gzip']) {
    assert.match(
      framingFault({ headers: { 'transfer-encoding': coding }, httpVersion: '1.1' }) ?? '',
      /chunked/,
      coding,
    );
  }
});

test('no request is taken on a connection after one with an Upgrade header', async (t) => {
  const taken: (string | undefined)[] = [];
  const faults: (string | undefined)[] = [];
  const answers: (() => void)[] = [];
  const server = createServer((request, response) => {
    taken.push(request.url);
    faults.push(requestFault(request, response));
    answers.push(() => response.end());
    server.emit('taken');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const received = text(socket);
  const body = 'DELETE /c HTTP/1.1\r\nHost: localhost\r\n\r\n';
  socket.write('GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
  socket.write(`POST /b HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n`);
  if (taken.length === 0) await once(server, 'taken');
  const second = once(server, 'taken');
  socket.write(body);
  await second;
  for (const answer of answers) answer();
  assert.equal(
    (await received).match(/HTTP\/1\.1 200 OK/g)?.length,
    1,
    'the connection closes after the first response',
  );
  assert.equal(faults[0], undefined);
  for (const fault of faults.slice(1)) assert.match(fault ?? '', /Upgrade/);
});

test('several Host headers are a fault, whatever their values', () => {
  const faultOf = (rawHeaders: string[]) =>
    requestFault(
      { headers: {}, httpVersion: '1.1', socket: {}, rawHeaders } as unknown as IncomingMessage,
      {} as ServerResponse,
    );
  assert.equal(faultOf(['Host', 'a', 'X-Host', 'b']), undefined);
  for (const value of ['a', 'b', '']) assert.match(faultOf(['Host', 'a', 'X', '1', 'hOST', value]) ?? '', /Host/);
});
