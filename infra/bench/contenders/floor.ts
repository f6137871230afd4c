import { join } from 'node:path';
import { freePort } from '../../tests/support/ports.ts';
import { type Contender, start, startProgram } from './contender.ts';

/** node:http with a constant body: nothing on Node.js answers faster. */
export const floor: Contender = {
  name: 'floor',
  title: 'node:http, constant body',
  complete: false,
  start: (node = process.execPath) =>
    start('floor', { redis: false }, async ({ log }) => {
      const port = await freePort();
      const url = `http://127.0.0.1:${port}`;
      const args = [join(import.meta.dirname, '../servers/floor.mjs')];
      return { url, program: await startProgram({ command: node, args, env: { PORT: String(port) }, log }, `${url}/`) };
    }),
};
