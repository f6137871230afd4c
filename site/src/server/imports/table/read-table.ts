/** Reads any table that a person uploads or pastes. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ColumnMapping } from './columns.ts';
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
  /** How long the process may use the processor, in ms. */
  cpuMs: number;
}

/** A table, and the guess which of its columns hold names and e-mail addresses. */
export interface ReadTable {
  table: Table;
  mapping: ColumnMapping;
}

/** The answer of the process. */
export type ReadReply =
  | ReadTable
  | { refusal: { reason: UnreadableReason; message: string; details: UnreadableTable['details'] } };

/** The choices of one read. */
export interface ReadOptions {
  /** The sheet of a spreadsheet to read; without it, the first one that has e-mail addresses. */
  sheet?: string | undefined;
  limits?: TableLimits;
  /** How long the process may use the processor, in ms; without it, by the size of the file. */
  cpuMs?: number;
  /** Ends the read when nobody waits for it any more. */
  signal?: AbortSignal;
}

/** A file of this size or a larger one gets the whole time of a read. */
const wholeTimeBytes = 8_388_608;
/** The share of the time that any file gets. */
const leastTimeShare = 1 / 20;

/** How much of the error output of a failed read the log gets. */
const maxErrorCharacters = 2_000;

/**
 * Reads a file by its content, whatever its name says. A pasted block is a file in UTF-8.
 *
 * A file is a stranger's, and may be made to fill the memory or to take hours. So a process of its own reads it, with limits,
 * and without this process's variables. `ReadQueue` lets one read run at a time, because each may take as much memory as the
 * limits allow.
 * @param bytes the whole file
 * @param fileName the name that the person gave the file, for messages
 * @throws {UnreadableTable} when there is no table in the file, or one beyond the limits
 * @throws the reason of `signal`
 * @see infra/docs/decisions/034-reading-tables.md
 */
export async function readTable(bytes: Uint8Array, fileName: string, options: ReadOptions = {}): Promise<ReadTable> {
  const { sheet, limits = defaultLimits, signal } = options;
  const { cpuMs = readCpuMs(bytes.length, limits.timeoutMs) } = options;
  const reply = await runProcess({ bytes, limits, cpuMs, ...(sheet !== undefined && { sheet }) }, signal);
  if ('table' in reply) return reply;
  const { reason, message, details } = reply.refusal;
  throw new UnreadableTable(reason, `${fileName}: ${message}`, details);
}

/**
 * Gives a small file less time on the processor than a large one: a file of a few kB that needs much was made to keep others waiting.
 * The time that passes is no measure for that, because other processes may keep the processor.
 * @param size the size of the file in bytes
 * @param timeoutMs the time for the largest files
 * @returns milliseconds
 */
export function readCpuMs(size: number, timeoutMs: number): number {
  const share = leastTimeShare + (1 - leastTimeShare) * Math.min(1, size / wholeTimeBytes);
  return Math.ceil(timeoutMs * share);
}

async function runProcess(request: ReadRequest, signal: AbortSignal | undefined): Promise<ReadReply> {
  signal?.throwIfAborted();
  const { maxHeapMb, timeoutMs } = request.limits;
  const reader = fork(fileURLToPath(new URL('./table-process.ts', import.meta.url)), {
    execArgv: [
      `--max-old-space-size=${maxHeapMb}`,
      // A small young generation halves the memory of a read, and costs it a fifth of its time.
      '--max-semi-space-size=2',
      '--permission',
      '--allow-fs-read=*',
      // The guard of memory and time is a thread.
      '--allow-worker',
    ],
    env: {},
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let stderr = '';
  reader.stderr?.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk).slice(-maxErrorCharacters);
  });
  const { promise, resolve, reject } = Promise.withResolvers<ReadReply>();
  const rejectSlow = () => reject(tooLarge('The file takes too long to read.'));
  const timer = setTimeout(rejectSlow, timeoutMs);
  const abort = () => reject(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  reader.once('message', (reply) => resolve(reply as ReadReply));
  // A process that is killed while it receives the file can fail twice. Without a listener an error would end the site.
  reader.on('error', reject);
  reader.once('close', (code, signal) => {
    if (signal === 'SIGXCPU') rejectSlow();
    // V8 aborts when the heap is full. The guard of the memory kills, and so does the kernel when the container is full.
    else if (signal === 'SIGABRT' || signal === 'SIGKILL') reject(tooLarge('The file needs too much memory.'));
    else reject(new Error(`The process that reads tables ended with ${signal ?? code}: ${stderr}`));
  });
  reader.send(request);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
    reader.kill('SIGKILL');
  }
}
