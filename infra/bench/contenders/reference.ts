/** Servers that are written by hand for speed. Those with a database have two versions, which differ in how commits reach the disk. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../tests/support/ports.ts';
import { type Contender, start, startProgram } from './contender.ts';

const bench = join(import.meta.dirname, '..');
const bunPath = join(bench, `node_modules/@oven/bun-linux-${process.arch === 'arm64' ? 'aarch64' : 'x64'}/bin/bun`);

/** Whether npm has installed Bun's binary for this processor. */
export const hasBun = existsSync(bunPath);

interface Reference {
  name: string;
  title: string;
  hasFullApi?: boolean;
  /** Path of the program that runs the file; Node.js by default. */
  command?: string;
  /** In the folder `servers`. */
  file: string;
}

/** Commits survive the end of the process with NORMAL, and also a power cut with FULL, as cadastro's do by default. */
function reference(
  { name, title, hasFullApi = true, command, file }: Reference,
  synchronous: 'NORMAL' | 'FULL',
): Contender {
  return {
    name,
    title,
    hasFullApi,
    start: (node = process.execPath, observer) =>
      start(name, { redis: true }, async ({ folder, redis, log }) => {
        const port = await freePort();
        const url = `http://127.0.0.1:${port}`;
        const env = {
          PORT: String(port),
          DATABASE_FILE: join(folder, 'app.db'),
          REDIS_URL: redis?.url,
          SYNCHRONOUS: synchronous,
        };
        const args = [join(bench, 'servers', file)];
        return {
          url,
          program: await startProgram({ command: command ?? node, args, env, log }, `${url}/health`, observer),
        };
      }),
  };
}

/** The reference of most ratios. */
export const fastify = reference({ name: 'fastify', title: 'Fastify, one process', file: 'fastify.mjs' }, 'NORMAL');
export const fastifyFull = reference(
  { name: 'fastify-full', title: 'Fastify, synchronous=FULL', file: 'fastify.mjs' },
  'FULL',
);
export const hono = reference({ name: 'hono', title: 'Hono on Node.js, one process', file: 'hono.mjs' }, 'NORMAL');
export const honoFull = reference(
  { name: 'hono-full', title: 'Hono on Node.js, synchronous=FULL', file: 'hono.mjs' },
  'FULL',
);
const onBun = { command: bunPath, file: 'bun.mjs' };
export const bun = reference({ name: 'bun', title: 'Bun.serve, one process', ...onBun }, 'NORMAL');
export const bunFull = reference({ name: 'bun-full', title: 'Bun.serve, synchronous=FULL', ...onBun }, 'FULL');
/**
 * This host passes requests on to a second process, and does nothing else. It shows what that process costs when few requests are in
 * flight. It joins no messages, so cadastro can be faster with many.
 */
export const leastHost = reference(
  { name: 'least-host', title: 'the least host of two processes', hasFullApi: false, file: 'least-host.mjs' },
  'NORMAL',
);
