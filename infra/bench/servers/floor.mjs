/**
 * The floor: what node:http itself costs. Every GET answers with one constant body, POST /echo with what it was sent,
 * any other POST with the constant body once its own has arrived.
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
const constant = Buffer.from(user);

const server = createServer((request, response) => {
  if (request.method === 'GET') return answer(response, 200, constant);
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    if (request.url === '/echo') answer(response, 200, Buffer.concat(chunks));
    else answer(response, 201, constant);
  });
});
server.listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));

function answer(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
}
