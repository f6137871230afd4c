/**
 * The reference server: one Fastify process with ioredis and better-sqlite3, written by hand for speed. It does all that
 * cadastro does for these routes: validation by the same rules, request ids, ETag, X-Cache, Server-Timing, problem details,
 * the same cache keys and times to live, and a log line for every created user.
 *
 * Settings: PORT, DATABASE_FILE, REDIS_URL, and SYNCHRONOUS (NORMAL or FULL).
 */
import { randomUUID } from 'node:crypto';
import Database from 'better-sqlite3';
import Fastify, { LogController } from 'fastify';
import { Redis } from 'ioredis';
import { Cache } from './reference/cache.mjs';
import { addValidation, sendProblem, trimBody } from './reference/fastify-validation.mjs';
import { textOf } from './reference/text.mjs';
import { userSchema } from './reference/user-schema.mjs';
import { Users } from './reference/users.mjs';

const { PORT, DATABASE_FILE, REDIS_URL, SYNCHRONOUS = 'NORMAL' } = process.env;
const users = new Users(new Database(DATABASE_FILE), SYNCHRONOUS);
const cache = new Cache(new Redis(REDIS_URL));

const app = Fastify({
  logger: true,
  // Fastify would log two lines per request. cadastro logs none for reads.
  logController: new LogController({ disableRequestLogging: true }),
  genReqId: () => randomUUID(),
  ajv: { customOptions: { removeAdditional: false, coerceTypes: false, allErrors: true } },
});
addValidation(app);
app.addHook('onSend', async (request, reply) => {
  reply.header('x-request-id', request.id);
});

app.get('/health', async (_request, reply) => {
  const database = users.answers();
  const cached = await cache.answers();
  reply.header('cache-control', 'no-store').code(database ? 200 : 503);
  return {
    status: database ? 'ok' : 'unavailable',
    database: database ? 'ok' : 'unreachable',
    cache: cached ? 'ok' : 'bypass',
  };
});

app.get('/users/:id', async (request, reply) => {
  const id = readId(request);
  if (id === undefined) return invalidId(request, reply);
  const begun = performance.now();
  let json = await cache.user(id);
  const looked = performance.now();
  const hit = json !== null;
  if (!hit) {
    const user = users.find(id);
    if (user === undefined) return noSuchUser(request, reply, id);
    json = JSON.stringify(user);
    await cache.keepUser(id, json);
  }
  const version = json.slice(json.lastIndexOf(':') + 1, -1);
  return sendRead(request, reply, { json, etag: `"${version}"`, hit, begun, looked });
});

app.get('/users', async (request, reply) => {
  const query = users.parseList(request.query);
  if (query === undefined) {
    return sendProblem(reply, request, 400, 'The request is not valid', 'A query parameter is not valid');
  }
  const field = JSON.stringify(query);
  const begun = performance.now();
  let entry = await cache.list(field);
  const looked = performance.now();
  const hit = entry !== null;
  if (!hit) {
    entry = users.list(query);
    await cache.keepList(field, entry);
  }
  const end = entry.indexOf('\n');
  return sendRead(request, reply, { json: entry.slice(end + 1), etag: entry.slice(0, end), hit, begun, looked });
});

app.post('/users', { schema: { body: userSchema }, preValidation: trimBody }, async (request, reply) => {
  const user = users.insert(request.body);
  if (user === undefined) return emailTaken(request, reply);
  await cache.forget(user.id);
  request.log.info({ id: user.id }, 'User created');
  reply.code(201).header('location', `/users/${user.id}`).header('etag', `"${user.version}"`);
  return user;
});

app.put('/users/:id', { schema: { body: userSchema }, preValidation: trimBody }, async (request, reply) => {
  const id = readId(request);
  if (id === undefined) return invalidId(request, reply);
  const user = users.replace(id, request.body);
  if (user === undefined) return noSuchUser(request, reply, id);
  if (user === null) return emailTaken(request, reply);
  await cache.forget(id);
  request.log.info({ id }, 'User replaced');
  reply.header('etag', `"${user.version}"`);
  return user;
});

app.post('/echo', async (request, reply) => {
  reply.header('content-type', request.headers['content-type']);
  return request.body;
});

app.get('/text', async (request, reply) => reply.type('text/plain').send(textOf(request.query.bytes)));

app.post('/size', async (request) => ({ size: request.body.length }));

await app.listen({ port: Number(PORT), host: '127.0.0.1' });
process.on('SIGTERM', () => process.exit(0));

function sendRead(request, reply, { json, etag, hit, begun, looked }) {
  const found = `cache;dur=${(looked - begun).toFixed(2)}`;
  reply.headers({
    'x-cache': hit ? 'hit' : 'miss',
    'server-timing': hit ? found : `${found}, db;dur=${(performance.now() - looked).toFixed(2)}`,
    etag,
    'cache-control': 'no-cache',
  });
  if (request.headers['if-none-match'] === etag) return reply.code(304).send();
  return reply.type('application/json').send(json);
}

/** @returns the id, or undefined if it is not a positive whole number */
function readId({ params: { id } }) {
  return /^[1-9]\d{0,15}$/.test(id) && Number.isSafeInteger(Number(id)) ? Number(id) : undefined;
}

function invalidId(request, reply) {
  const message = `must be a whole number from 1 to ${Number.MAX_SAFE_INTEGER}`;
  return sendProblem(reply, request, 400, 'The request is not valid', `id ${message}`, [{ field: 'id', message }]);
}

function noSuchUser(request, reply, id) {
  return sendProblem(reply, request, 404, 'No such user', `There is no user ${id}.`);
}

function emailTaken(request, reply) {
  const errors = [{ field: 'email', message: 'is taken by another user' }];
  return sendProblem(reply, request, 409, 'The e-mail is taken', 'Another user has this e-mail.', errors);
}
