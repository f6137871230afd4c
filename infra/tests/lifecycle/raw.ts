/** A client that sends HTTP byte by byte, for requests that no client library would send. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** One answer, parsed. */
export interface RawAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** An open connection. */
export interface RawConnection {
  socket: Socket;
  /** @returns everything that the server has sent so far, as Latin-1 */
  received(): string;
  /** Resolves when the server has closed the connection. */
  closed: Promise<void>;
}

/** Opens a connection to a server. */
export async function open(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
  });
  // A reset ends the connection as well.
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => {
    socket.once('end', resolve);
    socket.once('close', () => resolve());
  }).then(() => {
    socket.destroy();
  });
  await once(socket, 'connect');
  return { socket, received: () => received, closed };
}

/** Sends bytes and reads answers until the server closes the connection, which `connection: close` asks it to do. */
export async function exchange(url: string, ...pieces: (string | Buffer)[]): Promise<RawAnswer[]> {
  const { socket, received, closed } = await open(url);
  for (const piece of pieces) socket.write(piece);
  await closed;
  return parse(received());
}

/** @returns the answers in a server's bytes, interim answers included */
export function parse(text: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
  let rest = text;
  while (rest !== '') {
    const end = rest.indexOf('\r\n\r\n');
    if (!rest.startsWith('HTTP/1.1 ') || end === -1) throw new Error(`no HTTP answer: ${JSON.stringify(rest)}`);
    const [line = '', ...fields] = rest.slice(0, end).split('\r\n');
    const headers = Object.fromEntries(
      fields.map((field) => [
        field.slice(0, field.indexOf(':')).toLowerCase(),
        field.slice(field.indexOf(':') + 1).trim(),
      ]),
    );
    const start = end + 4;
    const status = Number(line.split(' ')[1]);
    const length = headers['content-length'] ?? (status === 100 || status === 204 ? 0 : rest.length - start);
    const size =
      headers['transfer-encoding'] === 'chunked'
        ? chunkedLength(rest.slice(start))
        : Math.min(Number(length), rest.length);
    answers.push({ status, headers, body: rest.slice(start, start + size) });
    rest = rest.slice(start + size);
  }
  return answers;
}

/** @returns the length of a chunked body with its last chunk; of all that is there, if the last chunk is missing */
function chunkedLength(text: string): number {
  let at = 0;
  for (;;) {
    const lineEnd = text.indexOf('\r\n', at);
    if (lineEnd === -1) return text.length;
    const size = Number.parseInt(text.slice(at, lineEnd), 16);
    at = lineEnd + 2 + size + 2;
    if (size === 0) return at;
  }
}
