/**
 * The floor: a node:http server that does as little as possible. Every GET returns one constant body, POST /echo returns the
 * request's body, and any other POST returns the constant body after it has read its own.
 */
import { createServer } from 'node:http';

const user = JSON.stringify({
  id: 1,
  name: 'Ada Lovelace 1',
  email: 'ada.lovelace.1@example.com',
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  version: 1,
});
const constantBody = Buffer.from(user);

const server = createServer((request, response) => {
  if (request.method === 'GET') return answer(response, 200, constantBody);
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    if (request.url === '/echo') answer(response, 200, Buffer.concat(chunks));
    else answer(response, 201, constantBody);
  });
});
server.listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));

function answer(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
}
