/** Decodes the bytes of a text file without a declared encoding. No character is ever replaced by U+FFFD. */
import { UnreadableTable } from './table.ts';

/** The text of a file, and the encoding that it turned out to have. */
export interface DecodedText {
  text: string;
  encoding: string;
}

type Decoder = (bytes: Uint8Array) => string;

/**
 * Decodes a file: by its byte order mark, as UTF-16 where it holds NUL bytes, as UTF-8, or else as what spreadsheets wrote
 * before UTF-8, Windows-1252 or the code page of DOS. A line that is valid UTF-8 stays UTF-8 in a file that is not: such a
 * file was put together from two.
 * @param bytes the whole file
 * @throws {UnreadableTable} `notATable` when the bytes are no text
 * @see https://encoding.spec.whatwg.org/#decode
 */
export async function decodeText(bytes: Uint8Array): Promise<DecodedText> {
  const utf16 = utf16Of(bytes);
  const encoding = utf16 ?? 'utf-8';
  const text = strictDecoder(encoding)(bytes);
  if (text !== undefined) return { text: checkText(text), encoding };
  if (utf16) throw notText();
  const decoded = await decodeLines(bytes);
  return { ...decoded, text: checkText(decoded.text) };
}

/** @returns the byte order of UTF-16, from its mark, or from the NUL bytes that ASCII characters have in it */
function utf16Of(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  const head = bytes.subarray(0, 65_536);
  const even = head.filter((byte, at) => byte === 0 && at % 2 === 0).length;
  const odd = head.filter((byte) => byte === 0).length - even;
  if (even === odd) return undefined;
  return odd > even ? 'utf-16le' : 'utf-16be';
}

/** @returns a decoder that gives undefined for bytes that the encoding does not have */
function strictDecoder(encoding: string): (bytes: Uint8Array) => string | undefined {
  const decoder = new TextDecoder(encoding, { fatal: true });
  return (bytes) => {
    try {
      return decoder.decode(bytes);
    } catch {
      return undefined;
    }
  };
}

async function decodeLines(bytes: Uint8Array): Promise<DecodedText> {
  const utf8 = strictDecoder('utf-8');
  let isMixed = false;
  const foreign: Uint8Array[] = [];
  const lines = [...splitLines(bytes)].map((line) => {
    const text = utf8(line);
    if (text === undefined) foreign.push(line);
    else if (text.length < line.length) isMixed = true;
    return text ?? line;
  });
  const { decode, encoding } = await chooseLegacy(Buffer.concat(foreign));
  const text = lines.map((line) => (typeof line === 'string' ? line : decode(line))).join('');
  return { text, encoding: isMixed ? 'mixed' : encoding };
}

/** Yields each line with its LF or CR. These bytes mean the same in all the encodings that come into question. */
function* splitLines(bytes: Uint8Array): Generator<Uint8Array> {
  let start = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== 0x0a && bytes[at] !== 0x0d) continue;
    yield bytes.subarray(start, at + 1);
    start = at + 1;
  }
  yield bytes.subarray(start);
}

/** Chooses between Windows-1252 and code page 850 by what the bytes would say in each. */
async function chooseLegacy(sample: Uint8Array): Promise<{ encoding: string; decode: Decoder }> {
  const { default: iconv } = await import('iconv-lite');
  const decoder = new TextDecoder('windows-1252');
  const windows = { encoding: 'windows-1252', decode: (bytes: Uint8Array) => decoder.decode(bytes) };
  const dos = { encoding: 'cp850', decode: (bytes: Uint8Array) => iconv.decode(bytes, 'cp850') };
  return oddness(dos.decode(sample)) < oddness(windows.decode(sample)) ? dos : windows;
}

/** Counts what names do not have: controls, a capital after a small letter, and a sign between letters, such as `M³ller`. */
function oddness(text: string): number {
  const odd =
    /\p{Cc}(?<![\t\r\n])|(?<=\p{Ll})[^\p{ASCII}\P{Lu}]|(?<=\p{L})[^\p{ASCII}\p{L}’´](?=\p{L})|[\u2500-\u259f]/gu;
  return text.match(odd)?.length ?? 0;
}

/** Control characters that no text file holds: tabs, line ends and page feeds are not among them. */
const binary = /(?![\t-\r\u0080-\u009f])\p{Cc}/u;
/** The beginnings of files that are text, but no table. */
const otherFormat = /^\s*(?:<(?:!doctype|html|table|\?xml)|%PDF-|\{\\rtf)/i;

/** DOS ended a text file with this character. */
const endOfFile = '\u001a';

/** Removes the end-of-file character, and refuses binary files and other formats. */
function checkText(text: string): string {
  let end = text.length;
  while (text[end - 1] === endOfFile) end--;
  const checked = text.slice(0, end);
  if (binary.test(checked) || otherFormat.test(checked)) throw notText();
  return checked;
}

function notText(): UnreadableTable {
  return new UnreadableTable('notATable', 'The file is neither a text nor a spreadsheet. Save it as .xlsx or .csv.');
}
