/**
 * A host of isolated functions that does the least: a gateway of node:http passes each request on a socket pair to another process,
 * which reads one value from Redis and answers. It checks, logs, limits and times nothing.
 *
 * Settings: PORT and REDIS_URL.
 */
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { Socket } from 'node:net';
import { Redis } from 'ioredis';

const { PORT, REDIS_URL } = process.env;
const user = {
  id: 1,
  name: 'Ada Lovelace 1',
  email: 'ada.lovelace.1@example.com',
  createdAt: '',
  updatedAt: '',
  version: 1,
};

if (process.argv[2] === 'function') runFunction();
else await runGateway();

function runFunction() {
  const redis = new Redis(REDIS_URL);
  const socket = new Socket({ fd: 3, readable: true, writable: true });
  const headers = {
    'content-type': 'application/json',
    etag: '"1"',
    'x-cache': 'hit',
    'server-timing': 'cache;dur=0.1',
  };
  readLines(socket, async ({ id, url }) => {
    const body = await redis.get(`user_${url.slice('/users/'.length)}`);
    writeLine(socket, { id, headers, body });
  });
}

async function runGateway() {
  const redis = new Redis(REDIS_URL);
  await redis.set('user_1', JSON.stringify(user));
  const args = [process.argv[1], 'function'];
  const child = spawn(process.execPath, args, { stdio: ['inherit', 'inherit', 'inherit', 'pipe'] });
  const [, , , socket] = child.stdio;
  const waiting = new Map();
  let last = 0;
  readLines(socket, ({ id, headers, body }) => {
    waiting.get(id).writeHead(200, headers).end(body);
    waiting.delete(id);
  });
  createServer(({ method, url, headers }, response) => {
    if (url === '/health') return response.end();
    waiting.set(++last, response);
    writeLine(socket, { id: last, method, url, headers });
  }).listen(Number(PORT), '127.0.0.1');
  process.on('SIGTERM', () => {
    child.kill();
    process.exit(0);
  });
}

function writeLine(socket, value) {
  socket.write(`${JSON.stringify(value)}\n`);
}

function readLines(socket, take) {
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) take(JSON.parse(line));
  });
}
