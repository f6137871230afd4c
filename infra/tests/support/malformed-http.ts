/** A corpus of requests that violate HTTP, or that two programs could read in two ways. Any HTTP port can be tried with it. */

/** The requests to build the corpus from, for one port. */
export interface Port {
  /** A target that GET reads. */
  read: string;
  /** A target that POST takes. */
  write: string;
  /** Whole requests that would change data, one of which hides in the body of another request. */
  harmful: string[];
}

/** One request of the corpus. */
export interface MalformedRequest {
  name: string;
  /** The bytes to send, as Latin-1. */
  bytes: string;
  /** Whether a server may answer it as an ordinary request. It must refuse all others with 4xx, 501 or 505. */
  mayBeAnswered: boolean;
}

const host = 'Host: localhost\r\n';
const text = 'Content-Type: text/plain\r\n';

/** @returns the corpus for a port */
export function malformedRequests({ read, write, harmful }: Port): MalformedRequest[] {
  const get = `GET ${read} HTTP/1.1\r\n${host}`;
  const post = `POST ${write} HTTP/1.1\r\n${host}${text}`;
  const chunked = `${post}Transfer-Encoding: chunked\r\n\r\n`;
  const target = (path: string) => `GET ${path} HTTP/1.1\r\n${host}\r\n`;
  const end = '0\r\n\r\n';
  const upgrades = 'Connection: Upgrade\r\nUpgrade: h2c\r\n';
  const inChunk = (body: string) => `${body.length.toString(16)}\r\n${body}\r\n${end}`;

  const refused: Record<string, string> = {
    'Content-Length and Transfer-Encoding': `${post}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n${end}`,
    'Transfer-Encoding and Content-Length': `${post}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n${end}`,
    'two Content-Lengths': `${post}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`,
    'two equal Content-Lengths': `${post}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`,
    'a list of Content-Lengths': `${post}Content-Length: 5, 5\r\n\r\nhello`,
    'a negative Content-Length': `${post}Content-Length: -1\r\n\r\n`,
    'a signed Content-Length': `${post}Content-Length: +5\r\n\r\nhello`,
    'a hexadecimal Content-Length': `${post}Content-Length: 0x5\r\n\r\nhello`,
    'a Content-Length with an exponent': `${post}Content-Length: 5e0\r\n\r\nhello`,
    'a Content-Length with a space inside': `${post}Content-Length: 5 5\r\n\r\nhello`,
    'an empty Content-Length': `${post}Content-Length:\r\n\r\nhello`,
    'a Content-Length past all numbers': `${post}Content-Length: 99999999999999999999\r\n\r\n`,
    'an obfuscated Transfer-Encoding': `${post}Transfer-Encoding: xchunked\r\n\r\n${end}`,
    'a quoted Transfer-Encoding': `${post}Transfer-Encoding: "chunked"\r\n\r\n${end}`,
    'a Transfer-Encoding after a vertical tab': `${post}Transfer-Encoding: \x0bchunked\r\n\r\n${end}`,
    'chunked before another coding': `${post}Transfer-Encoding: chunked, identity\r\n\r\n${end}`,
    'another coding before chunked': `${post}Transfer-Encoding: gzip, chunked\r\n\r\n${end}`,
    'two Transfer-Encodings': `${post}Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n${end}`,
    'a folded Transfer-Encoding': `${post}Transfer-Encoding:\r\n chunked\r\n\r\n${end}`,
    'a space before the colon of Transfer-Encoding': `${post}Transfer-Encoding : chunked\r\n\r\n${end}`,
    'Transfer-Encoding in HTTP/1.0': `POST ${write} HTTP/1.0\r\n${host}${text}Transfer-Encoding: chunked\r\n\r\n${end}`,
    'a chunk size that is no number': `${chunked}zz\r\nhello\r\n${end}`,
    'a negative chunk size': `${chunked}-5\r\nhello\r\n${end}`,
    'a chunk size with a prefix': `${chunked}0x5\r\nhello\r\n${end}`,
    'a chunk size past all numbers': `${chunked}fffffffffffffffff\r\nhello\r\n${end}`,
    'a chunk longer than its size': `${chunked}2\r\nhello\r\n${end}`,
    'a bare line feed after a chunk size': `${chunked}5\nhello\r\n${end}`,
    'a bare line feed in a chunk extension': `${chunked}5;a\nhello\r\n${end}`,
    'a space before a colon': `${get}X-A : b\r\n\r\n`,
    'a folded header': `${get}X-A: b\r\n c\r\n\r\n`,
    'a folded first header': `GET ${read} HTTP/1.1\r\n X-A: b\r\n${host}\r\n`,
    'a header without a colon': `${get}X-A\r\n\r\n`,
    'a header without a name': `${get}: b\r\n\r\n`,
    'a bare line feed': `GET ${read} HTTP/1.1\nHost: localhost\n\n`,
    'a bare carriage return in a header': `${get}X-A: b\rX-B: c\r\n\r\n`,
    'a NUL in a header': `${get}X-A: b\0c\r\n\r\n`,
    'a NUL in a header name': `${get}X\0A: b\r\n\r\n`,
    'no Host': `GET ${read} HTTP/1.1\r\n\r\n`,
    'two Hosts': `${get}Host: 127.0.0.1\r\n\r\n`,
    'a list of Hosts': `GET ${read} HTTP/1.1\r\nHost: localhost, evil.example\r\n\r\n`,
    'a Host with a path': `GET ${read} HTTP/1.1\r\nHost: localhost/x\r\n\r\n`,
    'a Host with a user': `GET ${read} HTTP/1.1\r\nHost: localhost@evil.example\r\n\r\n`,
    'a foreign Host': `GET ${read} HTTP/1.1\r\nHost: rebind.test\r\n\r\n`,
    'an absolute target with a foreign host': `GET http://rebind.test${read} HTTP/1.1\r\n${host}\r\n`,
    'a target without a slash': target('users'),
    'a target of another scheme': target('ftp://localhost/'),
    'a target that is a star': target('*'),
    'a target that is a host': target('localhost:80'),
    'an empty target': target(''),
    'a space in the target': target(`${read} x`),
    'a tab in the target': target(`${read}\tx`),
    'a NUL in the target': target(`${read}\0`),
    'an encoded NUL in the target': target(`${read}%00`),
    'an encoded slash that leads up': target(`${read}%2f..%2f..%2fstatus`),
    CONNECT: `CONNECT localhost:80 HTTP/1.1\r\n${host}\r\n`,
    TRACE: `TRACE ${read} HTTP/1.1\r\n${host}\r\n`,
    'a method that does not exist': `FETCH ${read} HTTP/1.1\r\n${host}\r\n`,
    'a method in lower case': `get ${read} HTTP/1.1\r\n${host}\r\n`,
    'a very long method': `${'G'.repeat(10_000)} ${read} HTTP/1.1\r\n${host}\r\n`,
    'no version': `GET ${read}\r\n${host}\r\n`,
    'an unknown version': `GET ${read} HTTP/3.7\r\n${host}\r\n`,
    'a version with text behind it': `GET ${read} HTTP/1.1x\r\n${host}\r\n`,
    'a version in lower case': `GET ${read} http/1.1\r\n${host}\r\n`,
    'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'a TLS handshake': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    'a header of a megabyte': `${get}X-A: ${'x'.repeat(1_048_576)}\r\n\r\n`,
    'ten thousand headers': `${get}${'X-A: b\r\n'.repeat(10_000)}\r\n`,
    'a target of a hundred thousand characters': target(`${read}?${'q'.repeat(100_000)}`),
    'an expectation that nobody knows': `${get}Expect: more\r\n\r\n`,
    'a trailing request after a refused one': `${post}Content-Length: x\r\n\r\n${harmful[0]}`,
  };
  const answered: Record<string, string> = {
    'Transfer-Encoding in capitals': `${post}Transfer-Encoding: CHUNKED\r\n\r\n${end}`,
    Transfer_Encoding: `${post}Transfer_Encoding: chunked\r\nContent-Length: 5\r\n\r\n${end}`,
    'a chunk extension': `${chunked}5;a="b"\r\nhello\r\n${end}`,
    'a chunk size with zeros before it': `${chunked}00005\r\nhello\r\n${end}`,
    'empty lines before the request line': `\r\n\r\n${get}\r\n`,
    'an absolute target': target(`http://localhost${read}`),
    'a target with two slashes': target(`/${read}`),
    'dots in the target': target(`/x/..${read}`),
    'a fragment in the target': target(`${read}#x`),
    'Latin-1 in a header': `${get}X-A: \xe9\r\n\r\n`,
    'Expect with a body': `${post}Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello`,
    'an upgrade to HTTP/2': `${get}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n`,
    'an upgrade to WebSocket': `${get}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    'a POST that upgrades': `${post}${upgrades}Content-Length: 5\r\n\r\nhello`,
    'a POST in chunks that upgrades': `${post}${upgrades}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n${end}`,
    'an upgrade that Connection does not name': `${get}Upgrade: h2c\r\n\r\n`,
    'a Connection header that names Host': `${get}Connection: host\r\n\r\n`,
    'a Connection header that names Content-Length': `${post}Connection: content-length\r\nContent-Length: 5\r\n\r\nhello`,
    'TE and Trailer': `${get}TE: trailers, chunked\r\nTrailer: Content-Length\r\n\r\n`,
    'a trailer that frames': `${chunked}5\r\nhello\r\n0\r\nContent-Length: 50\r\n\r\n`,
    'a method in a header': `${get}X-HTTP-Method-Override: DELETE\r\n\r\n`,
    'another target in a header': `${get}X-Original-URL: /users/1\r\nX-Rewrite-URL: /users/1\r\n\r\n`,
  };
  for (const [index, body] of harmful.entries()) {
    for (const method of ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'POST']) {
      const head = `${method} ${method === 'POST' ? write : `${read}-none`} HTTP/1.1\r\n${host}${text}`;
      const name = `${method} with harmful request ${index} as its body`;
      answered[`${name}, by length`] = `${head}Content-Length: ${body.length}\r\n\r\n${body}`;
      answered[`${name}, in a chunk`] = `${head}Transfer-Encoding: chunked\r\n\r\n${inChunk(body)}`;
      answered[`${name}, announced`] = `${head}Expect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    }
    answered[`harmful request ${index} in a trailer`] = `${chunked}0\r\nX-A: b\r\n\r\n`;
    answered[`harmful request ${index} in a header`] = `${get}X-A: ${body.replaceAll('\r\n', ' ')}\r\n\r\n`;
  }
  const list = (requests: Record<string, string>, mayBeAnswered: boolean) =>
    Object.entries(requests).map(([name, bytes]) => ({ name, bytes, mayBeAnswered }));
  return [...list(refused, false), ...list(answered, true)];
}
