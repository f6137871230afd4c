/** Reads one file in a process of its own, which `read-table.ts` starts and ends. */
import { parseTable } from './parse-table.ts';
import type { ReadReply, ReadRequest } from './read-table.ts';
import { UnreadableTable } from './table.ts';

async function answer({ bytes, limits, sheet }: ReadRequest): Promise<ReadReply> {
  try {
    return { table: await parseTable(bytes, limits, sheet) };
  } catch (error) {
    if (!(error instanceof UnreadableTable)) throw error;
    const { reason, message, details } = error;
    return { refusal: { reason, message, details } };
  }
}

process.once('message', async (request: ReadRequest) => {
  process.send?.(await answer(request));
});
