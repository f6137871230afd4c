/** Reads one file in a process of its own, which `read-table.ts` starts and ends. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { guessColumns } from './columns.ts';
import { parseTable } from './parse-table.ts';
import type { ReadBounds } from './read-guard.ts';
import type { ReadReply, ReadRequest } from './read-table.ts';
import { UnreadableTable } from './table.ts';

const bytesPerMb = 1_048_576;

async function answer({ bytes, limits, cpuMs, sheet }: ReadRequest): Promise<ReadReply> {
  const guard = new Worker(new URL('./read-guard.ts', import.meta.url), {
    workerData: { maxBytes: limits.maxMemoryMb * bytesPerMb, maxCpuMs: cpuMs } satisfies ReadBounds,
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2 },
  });
  await once(guard, 'online');
  guard.unref();
  try {
    const table = await parseTable(bytes, limits, sheet);
    return { table, mapping: guessColumns(table) };
  } catch (error) {
    if (!(error instanceof UnreadableTable)) throw error;
    const { reason, message, details } = error;
    return { refusal: { reason, message, details } };
  }
}

process.once('message', async (request: ReadRequest) => {
  process.send?.(await answer(request));
});
