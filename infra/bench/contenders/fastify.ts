import { join } from 'node:path';
import { freePort } from '../../tests/support/ports.ts';
import { type Contender, start, startProgram } from './contender.ts';

function baseline(name: string, title: string, synchronous: 'NORMAL' | 'FULL'): Contender {
  return {
    name,
    title,
    complete: true,
    start: (node = process.execPath) =>
      start(name, { redis: true }, async ({ folder, redis, log }) => {
        const port = await freePort();
        const url = `http://127.0.0.1:${port}`;
        const env = {
          PORT: String(port),
          DATABASE_FILE: join(folder, 'app.db'),
          REDIS_URL: redis?.url,
          SYNCHRONOUS: synchronous,
        };
        const args = [join(import.meta.dirname, '../servers/fastify.mjs')];
        return { url, program: await startProgram({ command: node, args, env, log }, `${url}/health`) };
      }),
  };
}

/** What every ratio refers to: one hand-written process. */
export const fastify = baseline('fastify', 'Fastify, one process', 'NORMAL');
/** The same with commits that survive a power cut, which cadastro's always do. */
export const fastifyFull = baseline('fastify-full', 'Fastify, synchronous=FULL', 'FULL');
