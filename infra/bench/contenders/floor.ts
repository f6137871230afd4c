/** The floor: the cost of node:http itself, which no server on Node.js can beat. */
import { join } from 'node:path';
import { freePort } from '../../tests/support/ports.ts';
import { type Contender, start, startProgram } from './contender.ts';

/** A node:http server that returns a constant body. */
export const floor: Contender = {
  name: 'floor',
  title: 'node:http, constant body',
  hasFullApi: false,
  start: (node = process.execPath) =>
    start('floor', { redis: false }, async ({ log }) => {
      const port = await freePort();
      const url = `http://127.0.0.1:${port}`;
      const args = [join(import.meta.dirname, '../servers/floor.mjs')];
      return { url, program: await startProgram({ command: node, args, env: { PORT: String(port) }, log }, `${url}/`) };
    }),
};
