/** The reference: one hand-written Fastify process, in two versions that differ in how commits reach the disk. */
import { join } from 'node:path';
import { freePort } from '../../tests/support/ports.ts';
import { type Contender, start, startProgram } from './contender.ts';

function fastifyWith(name: string, title: string, synchronous: 'NORMAL' | 'FULL'): Contender {
  return {
    name,
    title,
    hasFullApi: true,
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

/** The reference of most ratios. Its commits survive the end of the process, not a power cut. */
export const fastify = fastifyWith('fastify', 'Fastify, one process', 'NORMAL');
/** The same server with commits that survive a power cut, as cadastro's do by default. */
export const fastifyFull = fastifyWith('fastify-full', 'Fastify, synchronous=FULL', 'FULL');
