/** Receives the form of the import page: an uploaded file, or a block that the reader pasted. */
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Busboy } from '@fastify/busboy';

/** The parts of the form that hold a table. The file wins if both are there. */
const parts = ['file', 'text'] as const;
type PartName = (typeof parts)[number];

const maxFileNameCharacters = 200;
/** The page's own form has three. */
const maxFormParts = 10;

/** Why a form gives no table. `empty` is a form without a file and without text. */
export type UploadFault = 'noForm' | 'tooLarge' | 'empty';

/** The form holds no table that the site can store. */
export class UploadRefused extends Error {
  override name = 'UploadRefused';
  readonly fault: UploadFault;

  constructor(fault: UploadFault) {
    super(`The form of an import was refused: ${fault}.`);
    this.fault = fault;
  }
}

/** A table as it was sent. */
export interface Upload {
  /** The path of the stored bytes. */
  path: string;
  /** The name of the file on the reader's computer; '' for a pasted block. */
  fileName: string;
}

interface Part {
  fileName: string;
  bytes: number;
  isTooLarge: boolean;
  /** Whether the form ended before the part. */
  isCut: boolean;
  /** The first error of the disk. */
  error?: unknown;
}

/**
 * Writes the parts of a form to the disk while they arrive. It reads a form that is too large to its end all the same:
 * browsers do not show the answer to a form that they could not send.
 * @param pathOf the path at which to store a part
 * @throws {UploadRefused}
 * @throws Error with the code of the system, such as ENOSPC
 */
export async function receiveUpload(
  request: Request,
  maxBytes: number,
  pathOf: (part: PartName) => string,
): Promise<Upload> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^multipart\/form-data\s*;/i.test(type) || !request.body) throw new UploadRefused('noForm');
  const received = new Map<PartName, Promise<Part>>();
  const streams: Readable[] = [];
  const form = parserOf(type, maxBytes);
  form.on('file', (name, stream, fileName) => {
    const part = parts.find((known) => known === name);
    streams.push(stream);
    if (!part || received.has(part)) stream.resume();
    else received.set(part, store(stream, fileName, pathOf(part)));
  });
  // Hundreds of thousands of tiny parts would keep the parser busy for seconds.
  form.once('partsLimit', () => form.destroy(new UploadRefused('noForm')));
  try {
    // The body of a request whose client has gone neither ends nor fails. The signal tells.
    const body = Readable.fromWeb(request.body as Parameters<typeof Readable.fromWeb>[0]);
    await pipeline(body, form, { signal: request.signal });
  } catch {
    // The parser does not end the part whose bytes will never come, and its file would stay open.
    for (const stream of streams) stream.destroy();
    await Promise.all(received.values());
    throw new UploadRefused('noForm');
  }
  for (const name of parts) {
    const part = await received.get(name);
    // Browsers send a part without a file name when the reader has chosen no file.
    if (!part || (part.bytes === 0 && part.fileName === '')) continue;
    if (part.isCut) throw new UploadRefused('noForm');
    if (part.error) throw part.error;
    if (part.isTooLarge) throw new UploadRefused('tooLarge');
    const fileName = name === 'file' ? part.fileName.slice(-maxFileNameCharacters) : '';
    return { path: pathOf(name), fileName };
  }
  throw new UploadRefused('empty');
}

/** @throws {UploadRefused} for a boundary that is missing or too long */
function parserOf(type: string, maxBytes: number): InstanceType<typeof Busboy> {
  try {
    return new Busboy({
      headers: { 'content-type': type },
      limits: { fileSize: maxBytes, files: parts.length, parts: maxFormParts },
      // A pasted block can be as large as a file, so it is stored like one.
      isPartAFile: (name, _type, fileName) => name === 'text' || fileName !== undefined,
    });
  } catch {
    throw new UploadRefused('noForm');
  }
}

/** Stores a stream, and reads it to its end in any case, so that the rest of the form arrives. */
async function store(stream: Readable, fileName: string | undefined, path: string): Promise<Part> {
  const part: Part = { fileName: fileName ?? '', bytes: 0, isTooLarge: false, isCut: false };
  const keep = (error: unknown) => {
    part.error ??= error;
  };
  stream.once('limit', () => {
    part.isTooLarge = true;
  });
  // The parser reports this before the file is open, and without a listener the error would end the process.
  stream.once('error', () => {
    part.isCut = true;
    stream.destroy();
  });
  try {
    const file = await open(path, 'w', 0o600);
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        part.bytes += chunk.length;
        // An error that left the loop would destroy the stream, and the form would never end.
        if (part.error === undefined) await file.write(chunk).catch((error) => keep(error));
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    keep(error);
    part.bytes ||= 1;
    stream.resume();
  }
  return part;
}
