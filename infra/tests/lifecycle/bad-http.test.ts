/** Requests that violate HTTP or its limits. Each gets a defined answer, and the router goes on. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { type Router, startRouter } from '../support/router.ts';
import { exchange, open, parse } from './raw.ts';

let router: Router;
/** A router with short time limits. */
let impatient: Router;
before(async () => {
  const start = (env: Record<string, string>) => startRouter({ dist: 'dist/fixtures', env });
  [router, impatient] = await Promise.all([
    start({ MAX_PAYLOAD_BYTES: '100000', ALLOWED_HOSTS: 'example.com' }),
    start({ HEADERS_TIMEOUT_MS: '300', REQUEST_TIMEOUT_MS: '700' }),
  ]);
});
after(async () => {
  const { status } = await fetch(`${router.url}/echo`);
  assert.equal(status, 200);
  assert.deepEqual(await Promise.all([router.stop(), impatient.stop()]), [0, 0]);
});

/** Sends one request and closes the connection after its answer. */
async function one(...lines: string[]): Promise<ReturnType<typeof parse>[number]> {
  const answers = await exchange(router.url, `${lines.join('\r\n')}\r\n\r\n`);
  assert.equal(answers.length, 1);
  return answers[0] as never;
}

const post = 'POST /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: text/plain\r\n';

describe('the gateway', { concurrency: true }, () => {
  const malformed: Record<string, string> = {
    'both Content-Length and Transfer-Encoding': `${post}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    'two Content-Lengths': `${post}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`,
    'a list of Content-Lengths': `${post}Content-Length: 5, 5\r\n\r\nhello`,
    'a negative Content-Length': `${post}Content-Length: -1\r\n\r\n`,
    'a Content-Length with a sign': `${post}Content-Length: +5\r\n\r\nhello`,
    'a transfer coding other than chunked': `${post}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
    'an obfuscated Transfer-Encoding': `${post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
    'a space before a colon': `${post}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`,
    'a folded header': 'GET /echo HTTP/1.1\r\nHost: localhost\r\nX-A: b\r\n c\r\n\r\n',
    'a bare line feed': 'GET /echo HTTP/1.1\nHost: localhost\n\n',
    'a NUL in a header': 'GET /echo HTTP/1.1\r\nHost: localhost\r\nX-A: b\0c\r\n\r\n',
    'a chunk size that is no number': `${post}Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n`,
    'a chunk longer than its size': `${post}Transfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n`,
    'a chunk size past all numbers': `${post}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nhello\r\n0\r\n\r\n`,
    'a space in the path': 'GET /ec ho HTTP/1.1\r\nHost: localhost\r\n\r\n',
    'an unknown version': 'GET /echo HTTP/3.7\r\nHost: localhost\r\n\r\n',
    'an unknown method': 'FETCH /echo HTTP/1.1\r\nHost: localhost\r\n\r\n',
    'a TLS handshake': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  };
  for (const [what, request] of Object.entries(malformed)) {
    it(`answers ${what} with 400, once, and closes`, async () => {
      const answers = await exchange(router.url, Buffer.from(request, 'latin1'));
      assert.deepEqual(
        answers.map(({ status }) => status),
        [400],
      );
      assert.equal(answers[0]?.headers.connection, 'close');
      assert.equal(JSON.parse(answers[0]?.body ?? '').message, 'Bad Request');
    });
  }

  it('answers a request without Host, or with two, with 400', async () => {
    assert.match((await one('GET /echo HTTP/1.1', 'Connection: close')).body, /no Host header/);
    assert.match(
      (await one('GET /echo HTTP/1.1', 'Host: localhost', 'Host: b', 'Connection: close')).body,
      /more than one Host/,
    );
  });

  it('accepts HTTP/1.0 without a Host', async () => {
    const answer = await one('GET /echo HTTP/1.0');
    assert.equal(answer.status, 200);
    assert.equal(JSON.parse(answer.body).event.requestContext.http.protocol, 'HTTP/1.0');
  });

  it('answers headers of a megabyte with 431', async () => {
    const answers = await exchange(
      router.url,
      'GET /echo HTTP/1.1\r\nHost: localhost\r\nX-A: ',
      'x'.repeat(1024 * 1024),
      '\r\n\r\n',
    );
    assert.deepEqual(
      answers.map(({ status }) => status),
      [431],
    );
  });

  it('answers a query string of a hundred thousand characters with 431', async () => {
    const answers = await exchange(router.url, `GET /echo?${'q'.repeat(100_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [431],
    );
  });

  it('answers headers that come too slowly with 408', async () => {
    const { socket, received, closed } = await open(impatient.url);
    const drip = setInterval(() => socket.writable && socket.write('X-A: 1\r\n'), 50);
    socket.write('GET /echo HTTP/1.1\r\nHost: localhost\r\n');
    await closed;
    clearInterval(drip);
    assert.deepEqual(
      parse(received()).map(({ status }) => status),
      [408],
    );
  });

  it('answers a connection without a request with 408, and closes it', async () => {
    const { received, closed } = await open(impatient.url);
    await closed;
    assert.deepEqual(
      parse(received()).map(({ status }) => status),
      [408],
    );
  });

  it('answers a body that comes too slowly with 408', async () => {
    const answers = await exchange(impatient.url, `${post}Content-Length: 10\r\n\r\nhello`);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [408],
    );
  });

  it('answers a body above the limit with 413 before it is sent', async () => {
    const [answer, ...more] = await exchange(router.url, `${post}Content-Length: 100001\r\n\r\n`);
    assert.equal(answer?.status, 413);
    assert.equal(more.length, 0);
  });

  it('lets the client of a body above the limit read the 413, however it is sent', async () => {
    const large = 'x'.repeat(3_000_000);
    for (const request of [
      [`${post}Content-Length: ${large.length}\r\n\r\n`, large],
      [`${post}Transfer-Encoding: chunked\r\n\r\n${large.length.toString(16)}\r\n`, large, '\r\n0\r\n\r\n'],
    ]) {
      const answers = await exchange(router.url, ...request);
      assert.deepEqual(
        answers.map(({ status, headers }) => [status, headers.connection]),
        [[413, 'close']],
      );
    }
  });

  it('accepts a body as large as the limit', async () => {
    const body = 'x'.repeat(100_000);
    const { status } = await fetch(`${router.url}/binary-echo`, { method: 'POST', body });
    assert.equal(status, 200);
  });

  it('ends a chunked body that never ends at the limit', async () => {
    const { socket, received, closed } = await open(router.url);
    socket.write(`${post}Transfer-Encoding: chunked\r\n\r\n`);
    const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
    const pump = setInterval(() => socket.writable && socket.write(chunk), 1);
    await closed;
    clearInterval(pump);
    assert.deepEqual(
      parse(received()).map(({ status }) => status),
      [413],
    );
  });

  it('reads path and query from an absolute URL', async () => {
    const answer = await one('GET http://example.com/echo?a=1 HTTP/1.1', 'Host: example.com', 'Connection: close');
    assert.deepEqual(JSON.parse(answer.body).event.queryStringParameters, { a: '1' });
    assert.equal(JSON.parse(answer.body).event.rawPath, '/echo');
    assert.equal((await one('GET http://example.com HTTP/1.1', 'Host: example.com', 'Connection: close')).status, 404);
  });

  it('refuses a request target without a path', async () => {
    for (const target of ['*', 'ftp://example.com/echo']) {
      assert.equal((await one(`GET ${target} HTTP/1.1`, 'Host: localhost', 'Connection: close')).status, 400, target);
    }
  });

  it('answers OPTIONS * with all methods', async () => {
    const answer = await one('OPTIONS * HTTP/1.1', 'Host: localhost', 'Connection: close');
    assert.equal(answer.status, 204);
    assert.equal(answer.headers.allow, 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS');
  });

  it('answers CONNECT with 405 and closes, because it is not a proxy', async () => {
    const answer = await one('CONNECT example.com:443 HTTP/1.1', 'Host: example.com:443');
    assert.equal(answer.status, 405);
    assert.ok(answer.headers.allow);
  });

  it('answers a method that no route has with 405', async () => {
    assert.equal((await one('TRACE /echo HTTP/1.1', 'Host: localhost', 'Connection: close')).status, 405);
  });

  it('does not upgrade, and answers the request', async () => {
    const answer = await one(
      'GET /echo HTTP/1.1',
      'Host: localhost',
      'Connection: close, Upgrade',
      'Upgrade: websocket',
    );
    assert.equal(answer.status, 200);
  });

  it('answers 100 Continue to a client that announces a body, unless the body is too large', async () => {
    const announced = `${post}Expect: 100-continue\r\nContent-Length: `;
    const { socket, received, closed } = await open(router.url);
    socket.write(`${announced}5\r\n\r\n`);
    await once(socket, 'data');
    assert.match(received(), /^HTTP\/1\.1 100 Continue\r\n/);
    socket.write('hello');
    await closed;
    const [, answer] = parse(received());
    assert.equal(JSON.parse(answer?.body ?? '').event.body, 'hello');
    const [refused] = await exchange(router.url, `${announced}200000\r\n\r\n`);
    assert.equal(refused?.status, 413);
  });

  it('answers any other expectation with 417', async () => {
    assert.equal((await one('GET /echo HTTP/1.1', 'Host: localhost', 'Expect: more', 'Connection: close')).status, 417);
  });

  it('answers pipelined requests in their order', async () => {
    const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;
    const answers = await exchange(
      router.url,
      get('/slow?ms=200') + get('/echo') + get('/nowhere') + get('/cookies', 'Connection: close\r\n'),
    );
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 404, 200],
    );
    assert.ok('most' in JSON.parse(answers[0]?.body ?? ''));
    assert.ok('event' in JSON.parse(answers[1]?.body ?? ''));
  });

  it('does not read the rest of a refused body as the next request', async () => {
    const hidden = 'GET /echo HTTP/1.1\r\nHost: localhost\r\n\r\n';
    const answers = await exchange(
      router.url,
      `POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
    );
    assert.deepEqual(
      answers.map(({ status }) => status),
      [404],
    );
  });

  it('goes on after a client that breaks off within its body', async () => {
    const { socket } = await open(router.url);
    socket.write(`${post}Content-Length: 50\r\n\r\nhello`);
    socket.resetAndDestroy();
    assert.equal((await fetch(`${router.url}/echo`)).status, 200);
  });

  it('goes on after a client that leaves before its answer', async () => {
    const { socket } = await open(router.url);
    socket.write('GET /slow?ms=100 HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await new Promise<void>((resolve) => socket.end(resolve));
    socket.destroy();
    assert.equal((await fetch(`${router.url}/slow`)).status, 200);
  });
});

describe('every port of the router', { concurrency: true }, () => {
  const ports = ['url', 'controlUrl', 'statusUrl'] as const;
  const ask = (port: (typeof ports)[number], target: string, header = '') =>
    exchange(
      router[port],
      Buffer.from(`GET ${target} HTTP/1.1\r\nHost: localhost\r\n${header}Connection: close\r\n\r\n`, 'latin1'),
    );

  it('answers 431 to headers that are larger than the limit, however large', async () => {
    for (const port of ports) {
      for (const size of [20_000, 900_000]) {
        const [answer] = await ask(port, '/', `X-A: ${'a'.repeat(size)}\r\n`);
        assert.equal(answer?.status, 431, `${port}, ${size} bytes`);
      }
    }
  });

  it('answers 400 to several Host headers, whichever is good and whatever the path', async () => {
    for (const port of ports) {
      for (const target of ['/', '/echo', '/livez', '/2015-03-31/functions']) {
        for (const other of ['localhost', 'evil.example', '']) {
          const [answer] = await ask(port, target, `hOST: ${other}\r\n`);
          assert.equal(answer?.status, 400, `${port} ${target} localhost and ${other}`);
        }
        const [answer] = await exchange(
          router[port],
          `GET ${target} HTTP/1.1\r\nHost: evil.example\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
        );
        assert.equal(answer?.status, 400, `${port} ${target} evil.example and localhost`);
      }
    }
  });

  it('forbids browsers to guess the type of a response', async () => {
    for (const port of ports) {
      for (const target of ['/echo', '/nowhere', '/livez', '/2015-03-31/functions', '/x\0']) {
        const [answer] = await ask(port, target);
        const isFunction = port === 'url' && target === '/echo';
        if (!isFunction) assert.equal(answer?.headers['x-content-type-options'], 'nosniff', `${port} ${target}`);
      }
    }
  });

  it('answers 400 to control characters and bytes beyond ASCII in the target', async () => {
    for (const port of ports) {
      for (const target of ['/x\0', '/x\x7f', '/x\x80', '/x?\xff', '/\x1b[2J', '/x\ty']) {
        const [answer] = await ask(port, target);
        assert.equal(answer?.status, 400, `${port} ${JSON.stringify(target)}`);
      }
    }
  });

  it('answers percent-encoding that makes no sense with 400 or 404, never with an error of its own', async () => {
    const paths = [
      '/echo/%',
      '/%zz',
      '/%00',
      '/%ff',
      '/%c0%80',
      '/%ED%A0%80',
      '/2015-03-31/functions/%00',
      '/livez%00',
    ];
    for (const port of ports) {
      for (const path of paths) {
        const [answer] = await ask(port, path);
        assert.ok(answer?.status === 400 || answer?.status === 404, `${port} ${path}: ${answer?.status}`);
      }
    }
  });
});
