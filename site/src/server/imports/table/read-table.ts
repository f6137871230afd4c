/** Reads any table that a person uploads or pastes. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  defaultLimits,
  type Table,
  type TableLimits,
  tooLarge,
  type UnreadableReason,
  UnreadableTable,
} from './table.ts';

/** The order to the process that reads. */
export interface ReadRequest {
  bytes: Uint8Array;
  sheet?: string;
  limits: TableLimits;
}

/** The answer of the process. */
export type ReadReply =
  | { table: Table }
  | { refusal: { reason: UnreadableReason; message: string; details: UnreadableTable['details'] } };

/** How much of the error output of a failed read the log gets. */
const maxErrorCharacters = 2_000;

/** The read that runs, and those that wait behind it. */
let queue: Promise<unknown> = Promise.resolve();

/**
 * Reads a file by its content, whatever its name says. A pasted block is a file in UTF-8.
 *
 * A file is a stranger's, and may be made to fill the memory or to take hours. So a process of its own reads it, with limits,
 * and without this process's variables. Reads wait for each other, because each may take as much memory as the limits allow.
 * @param bytes the whole file
 * @param fileName the name that the person gave the file, for messages
 * @param options.sheet the sheet of a spreadsheet to read; without it, the first one that has e-mail addresses
 * @throws {UnreadableTable} when there is no table in the file, or one beyond the limits
 * @see infra/docs/decisions/034-reading-tables.md
 */
export function readTable(
  bytes: Uint8Array,
  fileName: string,
  options: { sheet?: string; limits?: TableLimits } = {},
): Promise<Table> {
  const reading = queue.then(() => read(bytes, fileName, options));
  queue = reading.catch(() => {});
  return reading;
}

async function read(
  bytes: Uint8Array,
  fileName: string,
  { sheet, limits = defaultLimits }: { sheet?: string; limits?: TableLimits },
): Promise<Table> {
  const reply = await runProcess({ bytes, limits, ...(sheet !== undefined && { sheet }) });
  if ('table' in reply) return reply.table;
  const { reason, message, details } = reply.refusal;
  throw new UnreadableTable(reason, `${fileName}: ${message}`, details);
}

async function runProcess(request: ReadRequest): Promise<ReadReply> {
  const { maxHeapMb, timeoutMs } = request.limits;
  const reader = fork(fileURLToPath(new URL('./table-process.ts', import.meta.url)), {
    // A small young generation halves the memory of a read, and costs it a fifth of its time.
    execArgv: [`--max-old-space-size=${maxHeapMb}`, '--max-semi-space-size=2', '--permission', '--allow-fs-read=*'],
    env: {},
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let stderr = '';
  reader.stderr?.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk).slice(-maxErrorCharacters);
  });
  const { promise, resolve, reject } = Promise.withResolvers<ReadReply>();
  const timer = setTimeout(() => reject(tooLarge('The file takes too long to read.')), timeoutMs);
  reader.once('message', (reply) => resolve(reply as ReadReply));
  reader.once('error', reject);
  reader.once('close', (code, signal) => {
    // V8 aborts when the heap is full, and the kernel kills when the container is.
    if (signal === 'SIGABRT' || signal === 'SIGKILL') reject(tooLarge('The file needs too much memory.'));
    else reject(new Error(`The process that reads tables ended with ${signal ?? code}: ${stderr}`));
  });
  reader.send(request);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    reader.kill('SIGKILL');
  }
}
