/**
 * Hono on Node.js: one process with ioredis and better-sqlite3, which does what the Fastify server does.
 *
 * Settings: PORT, DATABASE_FILE, REDIS_URL, and SYNCHRONOUS (NORMAL or FULL).
 */
import { serve } from '@hono/node-server';
import Database from 'better-sqlite3';
import { Hono } from 'hono';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { answersOf } from './reference/answers.mjs';
import { Cache } from './reference/cache.mjs';
import { textOf } from './reference/text.mjs';
import { Users } from './reference/users.mjs';

const { PORT, DATABASE_FILE, REDIS_URL, SYNCHRONOUS = 'NORMAL' } = process.env;
const answers = answersOf({
  users: new Users(new Database(DATABASE_FILE), SYNCHRONOUS),
  cache: new Cache(new Redis(REDIS_URL)),
  log: pino(),
});
const app = new Hono();
const route = (answer) => (context) =>
  answer({
    path: context.req.path,
    id: context.req.param('id'),
    header: (name) => context.req.header(name),
    query: () => context.req.query(),
    json: () => context.req.json(),
  });

app.get('/health', route(answers.health));
app.get('/users', route(answers.listUsers));
app.post('/users', route(answers.createUser));
app.get('/users/:id', route(answers.readUser));
app.put('/users/:id', route(answers.replaceUser));
app.notFound(route(answers.notFound));
app.post('/echo', async (context) =>
  context.body(await context.req.text(), 200, { 'content-type': context.req.header('content-type') }),
);
app.get('/text', (context) => context.text(textOf(context.req.query('bytes'))));
app.post('/size', async (context) => context.json({ size: (await context.req.text()).length }));

serve({ fetch: app.fetch, port: Number(PORT), hostname: '127.0.0.1' });
process.on('SIGTERM', () => process.exit(0));
