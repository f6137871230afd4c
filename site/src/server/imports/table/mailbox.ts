/** Reads e-mail addresses out of cells, alone or with a name before them. */

/** A name and an address that stand in one cell. */
export interface Mailbox {
  /** '' if the cell has no name. */
  name: string;
  address: string;
}

/** @returns whether a text is one e-mail address and nothing else, by its form */
export function isAddress(text: string): boolean {
  return /^\s*[^\s@,;|<>]+@[^\s@,;|<>]+\s*$/u.test(text);
}

/**
 * Splits a cell such as `Anna Schmidt <anna@example.com>`, as mail programs copy a person.
 * @returns undefined if the cell has another form
 * @see https://www.rfc-editor.org/rfc/rfc5322#section-3.4
 */
export function parseMailbox(cell: string): Mailbox | undefined {
  const text = cell.trim().replace(/[;,]$/, '').trimEnd();
  const open = text.lastIndexOf('<');
  if (open === -1 || !text.endsWith('>')) return undefined;
  const address = text.slice(open + 1, -1).trim();
  const name = text.slice(0, open).trim();
  if (!isAddress(address) || /[<>@]/.test(name)) return undefined;
  return { name: withoutQuotes(name), address };
}

/** @returns whether a cell holds one address, with or without a name */
export function holdsAddress(cell: string): boolean {
  return isAddress(cell) || parseMailbox(cell) !== undefined;
}

function withoutQuotes(name: string): string {
  const quote = name[0] ?? '';
  const isQuoted = name.length > 1 && (quote === '"' || quote === "'") && name.endsWith(quote);
  return isQuoted ? name.slice(1, -1).trim() : name;
}
