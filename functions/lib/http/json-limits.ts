/** Limits the work that a JSON text causes. The parser itself knows no limits, and its result may take 30 times the text. */

/** Limits of a JSON text. */
export interface JsonLimits {
  /** Objects and lists inside each other. */
  readonly maxDepth: number;
  /** Objects, lists, members of objects and items of lists together. */
  readonly maxMembers: number;
}

/** Far more than any body of this API needs. A route that takes more passes limits of its own to `readJson`. */
export const defaultJsonLimits: JsonLimits = { maxDepth: 32, maxMembers: 1000 };

const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
const openings = new Set([0x5b, 0x7b]);
const closings = new Set([0x5d, 0x7d]);

/** For a thousand items of two members each, which are 3,001 members, and for members that are not known. */
export const batchJsonLimits: JsonLimits = { maxDepth: 32, maxMembers: 10_000 };

/**
 * Counts brackets and commas outside of strings, before the text is parsed.
 * @param text need not be valid JSON
 * @returns the limit that the text exceeds; undefined for a text within the limits
 */
export function exceededLimit(text: string, { maxDepth, maxMembers }: JsonLimits): keyof JsonLimits | undefined {
  let depth = 0;
  let members = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === quote) index = endOfString(text, index);
    else if (code === comma) members++;
    else if (openings.has(code)) {
      depth++;
      members++;
    } else if (closings.has(code)) depth--;
    if (depth > maxDepth) return 'maxDepth';
    if (members > maxMembers) return 'maxMembers';
  }
  return undefined;
}

/** @returns the index of the quote that ends a string; the length of the text without one */
function endOfString(text: string, start: number): number {
  let index = start + 1;
  for (; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === quote) break;
    if (code === backslash) index++;
  }
  return index;
}
