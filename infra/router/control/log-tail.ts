/**
 * The last of an invocation's log, for clients that ask for it with X-Amz-Log-Type: Tail.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#lambda-Invoke-response-LogResult
 */
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Bytes that Lambda gives. */
const limit = 4096;

export interface TailReport {
  /** Milliseconds. */
  duration: number;
  /** MB. */
  memorySize: number;
  /** MB; undefined where the system does not tell. */
  maxMemoryUsed: number | undefined;
}

/** Keeps log lines of those invocations alone that somebody has asked about. */
export class LogTails {
  readonly #open = new Map<string, LogTail>();

  open(requestId: string): LogTail {
    const tail = new LogTail(requestId, () => this.#open.delete(requestId));
    this.#open.set(requestId, tail);
    return tail;
  }

  accept(line: string, requestId: string | undefined): void {
    if (this.#open.size > 0 && requestId !== undefined) this.#open.get(requestId)?.add(line);
  }
}

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
    // Characters are at least one byte each, so what is dropped is never part of the last 4 KB.
    while (this.#lines.length > 1 && this.#size - (this.#lines[0] as string).length - 1 > limit) {
      this.#size -= (this.#lines.shift() as string).length + 1;
    }
  }

  /**
   * Log and answer come on different ways: what a function wrote before it answered has arrived when the answer has, but
   * is perhaps not read yet. Two turns of the event loop read it.
   * @returns the tail as base64
   */
  async finish({ duration, memorySize, maxMemoryUsed }: TailReport): Promise<string> {
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

  /** For an invocation that was refused. */
  drop(): void {
    this.#close();
  }
}

/** The last 4 KB, from the first whole character on. */
function lastCharacters(bytes: Buffer): Buffer {
  let start = Math.max(0, bytes.length - limit);
  while (start > 0 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start++;
  return bytes.subarray(start);
}
