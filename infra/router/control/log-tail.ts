/**
 * Keeps the end of an invocation's log, for clients that ask for it with X-Amz-Log-Type: Tail.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#lambda-Invoke-response-LogResult
 */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { heldOutputRead } from '../runtime/process-log.ts';

/** How many bytes of the log's end Lambda returns. */
const maxTailBytes = 4096;
/** How long a tail waits for log lines that the reader of the router's log holds up (ms). It then ends without them. */
const maxHeldMs = 5000;

/** Figures for the REPORT line. */
export interface TailReport {
  /** Milliseconds, from the arrival of the invocation to its end. */
  duration: number;
  /** The function's setting (MB). */
  memorySize: number;
  /** MB; undefined where the system does not report it. */
  maxMemoryUsed: number | undefined;
}

/** Sorts log lines by invocation. Lines of an invocation without an open tail are dropped. */
export class LogTails {
  readonly #open = new Map<string, LogTail>();

  /** Begins to keep the log of an invocation. */
  open(requestId: string): LogTail {
    const tail = new LogTail(requestId, () => this.#open.delete(requestId));
    this.#open.set(requestId, tail);
    return tail;
  }

  /** Takes every log line of the functions, with its invocation where that is known. */
  accept(line: string, requestId: string | undefined): void {
    if (this.#open.size > 0 && requestId !== undefined) this.#open.get(requestId)?.add(line);
  }
}

/** The end of one invocation's log. */
export class LogTail {
  readonly #requestId: string;
  readonly #close: () => void;
  #lines: string[] = [];
  #size = 0;

  constructor(requestId: string, close: () => void) {
    this.#requestId = requestId;
    this.#close = close;
    this.add(`START RequestId: ${requestId} Version: $LATEST`);
  }

  add(line: string): void {
    this.#lines.push(line);
    this.#size += line.length + 1;
    // A character has one byte at least, so a line that is dropped is never part of the last 4 KB.
    while (this.#lines.length > 1 && this.#size - (this.#lines[0] as string).length - 1 > maxTailBytes) {
      this.#size -= (this.#lines.shift() as string).length + 1;
    }
  }

  /**
   * Ends the tail. Log and answer reach the router by different pipes: lines that the function wrote before its answer have
   * arrived with the answer, but the router may not have read them. Two turns of the event loop read them.
   * @returns the tail as base64
   */
  async finish({ duration, memorySize, maxMemoryUsed }: TailReport): Promise<string> {
    await Promise.race([heldOutputRead(), sleep(maxHeldMs, undefined, { ref: false })]);
    await nextTurn();
    await nextTurn();
    this.#close();
    const id = this.#requestId;
    this.add(`END RequestId: ${id}`);
    this.add(
      [
        `REPORT RequestId: ${id}`,
        `Duration: ${duration.toFixed(2)} ms`,
        `Billed Duration: ${Math.ceil(duration)} ms`,
        `Memory Size: ${memorySize} MB`,
        ...(maxMemoryUsed === undefined ? [] : [`Max Memory Used: ${maxMemoryUsed} MB`]),
      ].join('\t'),
    );
    const bytes = Buffer.from(`${this.#lines.join('\n')}\n`);
    return lastCharacters(bytes).toString('base64');
  }

  /** Forgets the tail of an invocation that was refused, or whose client has left. */
  drop(): void {
    this.#close();
  }
}

/** @returns the last 4 KB, beginning with a whole character */
function lastCharacters(bytes: Buffer): Buffer {
  let start = Math.max(0, bytes.length - maxTailBytes);
  while (start > 0 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start++;
  return bytes.subarray(start);
}
