/**
 * What a function process writes to stdout and stderr, as JSON lines with the function's name and the request id.
 * A line that is JSON already (Powertools, console) keeps its fields; any other becomes the message of an entry.
 */
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** Characters of a line past which it is cut: a process that never ends its line must not fill our memory. */
const maxLine = 256 * 1024;

export interface ProcessLogOptions {
  functionName: string;
  /** The id of the invocation that writes; undefined where that can not be told. */
  requestId: () => string | undefined;
  /** Gets each finished line, without its line break. */
  write: (line: string, requestId: string | undefined) => void;
}

/** Follows one of a process's output streams until it ends. */
export function followOutput(stream: Readable, level: 'INFO' | 'ERROR', options: ProcessLogOptions): void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > maxLine) {
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

/** @returns the line as it is logged, and the request id that it belongs to */
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
  // Powertools names the id function_request_id.
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
