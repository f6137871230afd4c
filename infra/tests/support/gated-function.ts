/** Builds a function that starts, and answers, only when a test lets it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { buildFunctions } from '../../../esbuild.config.mjs';

/**
 * Builds one warm function, GET /gated, whose INIT waits at the gate of GATE, and a request at the gate of its query.
 * @returns the build's folder
 */
export async function buildGatedFunction(t: Pick<TestContext, 'after'>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-start-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const source = join(folder, 'functions');
  mkdirSync(join(source, 'gated'), { recursive: true });
  writeFileSync(
    join(source, 'gated/function.json'),
    JSON.stringify({ route: 'GET /gated', provisionedConcurrency: 1, environment: ['GATE'] }),
  );
  writeFileSync(
    join(source, 'gated/handler.ts'),
    `await fetch(String(process.env.GATE));
     export const handler = async ({ queryStringParameters: query }) => {
       if (query?.gate) await fetch(query.gate);
       return 'open';
     };`,
  );
  const dist = join(folder, 'dist');
  await buildFunctions(source, dist);
  return dist;
}
