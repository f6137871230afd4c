/**
 * Turns the output of a function's process (stdout and stderr) into log entries: JSON lines with the function's name and the
 * request id. A line that is JSON already (from Powertools or console) keeps its fields. Any other line becomes the message
 * of an entry.
 */
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** A longer line is cut, because a process that never ends its line must not fill the router's memory (characters). */
const maxLineLength = 256 * 1024;

export interface ProcessLogOptions {
  functionName: string;
  /** Returns the id of the invocation that writes; undefined where that is not known. */
  requestId: () => string | undefined;
  /** Gets each entry, without a line break. */
  write: (line: string, requestId: string | undefined) => void;
}

/**
 * Follows one of a process's output streams until it ends.
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
    for (const line of lines) emit(line);
  });
  stream.on('end', () => emit(rest));
  stream.on('error', () => {});

  function emit(line: string): void {
    if (line.trim() === '') return;
    const requestId = options.requestId();
    const [entry, id] = toEntry(line, level, options.functionName, requestId);
    options.write(entry, id);
  }
}

/**
 * Makes the entry of one line.
 * @param requestId id of the invocation that probably wrote it; an id in the line itself counts more
 * @returns the entry as JSON, and the id of the invocation that wrote it
 */
export function toEntry(
  line: string,
  level: string,
  functionName: string,
  requestId: string | undefined,
): [entry: string, requestId: string | undefined] {
  const fields = parseObject(line);
  if (!fields) {
    const timestamp = new Date().toISOString();
    return [JSON.stringify({ timestamp, level, function: functionName, requestId, message: line }), requestId];
  }
  // Powertools calls the id function_request_id.
  const own = fields.requestId ?? fields.function_request_id ?? requestId;
  const id = typeof own === 'string' ? own : requestId;
  return [JSON.stringify({ ...fields, function: functionName, requestId: id }), id];
}

function parseObject(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
