/**
 * Bun: one process with Bun.serve and Bun's own SQLite and Redis clients, which does what the Fastify server does.
 *
 * Settings: PORT, DATABASE_FILE, REDIS_URL, and SYNCHRONOUS (NORMAL or FULL).
 */
import { Database } from 'bun:sqlite';
import { pino } from 'pino';
import { answersOf } from './reference/answers.mjs';
import { Cache } from './reference/cache.mjs';
import { textOf } from './reference/text.mjs';
import { Users } from './reference/users.mjs';

const { PORT, DATABASE_FILE, REDIS_URL, SYNCHRONOUS = 'NORMAL' } = process.env;
const answers = answersOf({
  users: new Users(new Database(DATABASE_FILE), SYNCHRONOUS),
  cache: new Cache(new Bun.RedisClient(REDIS_URL)),
  log: pino(),
});
const queryOf = (request) => Object.fromEntries(new URL(request.url).searchParams);
const route = (answer) => (request) =>
  answer({
    get path() {
      return new URL(request.url).pathname;
    },
    id: request.params?.id,
    header: (name) => request.headers.get(name),
    query: () => queryOf(request),
    json: () => request.json(),
  });

Bun.serve({
  port: Number(PORT),
  hostname: '127.0.0.1',
  routes: {
    '/health': { GET: route(answers.health) },
    '/users': { GET: route(answers.listUsers), POST: route(answers.createUser) },
    '/users/:id': { GET: route(answers.readUser), PUT: route(answers.replaceUser) },
    '/echo': {
      POST: async (request) =>
        new Response(await request.text(), { headers: { 'content-type': request.headers.get('content-type') } }),
    },
    '/text': { GET: (request) => new Response(textOf(queryOf(request).bytes)) },
    '/size': { POST: async (request) => Response.json({ size: (await request.text()).length }) },
  },
  fetch: route(answers.notFound),
});
process.on('SIGTERM', () => process.exit(0));
