/** Fastify under @fastify/under-pressure, which refuses requests while its event loop is late. */
import underPressure from '@fastify/under-pressure';
import Fastify from 'fastify';
import { burn } from './burn.mjs';

const app = Fastify();
// The limit of cadastro's MAX_WAIT_MS, looked at as often as the package recommends under load.
await app.register(underPressure, { maxEventLoopDelay: 300, sampleInterval: 100, retryAfter: 1 });
app.get('/burn', () => {
  burn();
  return 'burnt';
});
await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
