/**
 * Turns the output of a function's process (stdout and stderr) into log entries: JSON lines with the function's name and the
 * request id. A line that is JSON already (from Powertools or console) keeps its fields. Any other line becomes the message
 * of an entry.
 */
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as sleep } from 'node:timers/promises';
import { toLogLine } from '../process/log.ts';

/** A longer line is cut, because a process that never ends its line must not fill the router's memory (characters). */
const maxLineLength = 256 * 1024;

export interface ProcessLogOptions {
  functionName: string;
  /** Returns the id of the invocation that writes a line without an id; undefined where that is not known. */
  requestId: () => string | undefined;
  /** @returns the trace id of an invocation in flight; undefined where it has none */
  traceId(requestId: string): string | undefined;
  /** Takes the metrics in a line. @returns whether the line has nothing else, and is no entry of the log */
  takeMetrics(line: string): boolean;
  write: WriteLog;
}

/**
 * Writes an entry to the router's log.
 * @param line without a line break
 * @returns a promise to wait for before the next one, where the reader of the log is too late
 */
export type WriteLog = (line: string, requestId: string | undefined) => Promise<void> | undefined;

/** One promise for each output that waits for the reader of the log. */
const held = new Set<Promise<void>>();
/** How long the bytes in a pipe may take to arrive once it is read again (ms). */
const drainGraceMs = 250;

/** Resolves when no output waits for the reader of the log any more, and the rest of it is read. */
export async function heldOutputRead(): Promise<void> {
  while (held.size > 0) {
    await Promise.all(held);
    await sleep(drainGraceMs);
  }
}

/**
 * Follows one of a process's output streams until it ends. It stops reading while the reader of the log is too late, so that
 * a function which prints faster than anybody reads waits itself (back-pressure).
 * @param level level of lines that are not JSON
 */
export function followOutput(stream: Readable, level: 'INFO' | 'ERROR', options: ProcessLogOptions): void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > maxLineLength) {
      lines.push(rest);
      rest = '';
    }
    let ready: Promise<void> | undefined;
    for (const line of lines) ready = emit(line) ?? ready;
    if (ready) hold(ready);
  });
  stream.on('end', () => emit(rest));
  stream.on('error', () => {});

  function hold(ready: Promise<void>): void {
    stream.pause();
    const released = ready.then(() => {
      held.delete(released);
      stream.resume();
    });
    held.add(released);
  }

  function emit(line: string): Promise<void> | undefined {
    if (line.trim() === '' || options.takeMetrics(line)) return undefined;
    const [entry, id] = toEntry(line, level, options);
    return options.write(entry, id);
  }
}

/**
 * Makes the entry of one line.
 * @param options an id in the line itself counts more than theirs, and so does a trace id
 * @returns the entry as JSON, and the id of the invocation that wrote it
 */
export function toEntry(
  line: string,
  level: string,
  options: Pick<ProcessLogOptions, 'functionName' | 'requestId' | 'traceId'>,
): [entry: string, requestId: string | undefined] {
  const { functionName, traceId } = options;
  const fields = parseObject(line);
  if (!fields) {
    const requestId = options.requestId();
    const timestamp = new Date().toISOString();
    const trace_id = requestId && traceId(requestId);
    return [toLogLine({ timestamp, level, function: functionName, requestId, trace_id, message: line }), requestId];
  }
  // Powertools calls the id function_request_id.
  const own = fields.requestId ?? fields.function_request_id;
  // Runtime clients write "-" outside of an invocation.
  const id = typeof own === 'string' && own !== '-' ? own : options.requestId();
  const trace_id = fields.trace_id ?? (id && traceId(id));
  return [toLogLine({ ...fields, function: functionName, requestId: id, trace_id }), id];
}

function parseObject(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
