/**
 * Parses the variables of the Serverless Framework in a text: `${self:custom.table, 'users'}`.
 * @see https://www.serverless.com/framework/docs/guides/variables
 */

/** A part of a text: plain text, or a variable. */
export type Part = string | Expression;

/** A variable with its fallbacks: the first source that has a value counts. */
export interface Expression {
  /** As it is written, with its braces. */
  text: string;
  sources: Source[];
}

/** Where a value comes from. A `Part[]` may hold variables itself. */
export type Source =
  | { kind: 'literal'; value: unknown }
  | { kind: 'variable'; type: string; parameters: Part[]; address: Part[] }
  | { kind: 'nested'; expression: Expression };

/** `${AWS::Region}` and `${Resource}` belong to Fn::Sub: they have no type, or a second colon. */
const typePattern = /^([a-zA-Z][\w-]*)(\(|:(?!:))/;

/**
 * @param text of a value in serverless.yml
 * @returns its parts from left to right
 */
export function parseExpressions(text: string): Part[] {
  const parts: Part[] = [];
  let plain = '';
  for (let index = 0; index < text.length; ) {
    const end = text.startsWith('${', index) ? closingBrace(text, index + 2) : -1;
    const expression = end === -1 ? undefined : parseExpression(text.slice(index, end + 1));
    if (expression === undefined) {
      plain += text[index++];
      continue;
    }
    if (plain) parts.push(plain);
    plain = '';
    parts.push(expression);
    index = end + 1;
  }
  if (plain) parts.push(plain);
  return parts;
}

/** @returns undefined for braces that hold no variable of the Serverless Framework */
function parseExpression(text: string): Expression | undefined {
  const sources = splitOutside(text.slice(2, -1), ',').map((source) => parseSource(source.trim()));
  const [first] = sources;
  if (first === undefined || first.kind === 'literal' || sources.includes(undefined)) return undefined;
  return { text, sources: sources as Source[] };
}

function parseSource(text: string): Source | undefined {
  const [, quote, quoted] = /^(['"])(.*)\1$/s.exec(text) ?? [];
  if (quote) return { kind: 'literal', value: quoted };
  if (/^(true|false|null|-?\d+(\.\d+)?)$/.test(text)) return { kind: 'literal', value: JSON.parse(text) };
  if (text.startsWith('${') && closingBrace(text, 2) === text.length - 1) {
    const expression = parseExpression(text);
    return expression && { kind: 'nested', expression };
  }
  const [, type = '', mark] = typePattern.exec(text) ?? [];
  if (!type) return undefined;
  if (mark === ':') {
    return { kind: 'variable', type, parameters: [], address: parseExpressions(text.slice(type.length + 1).trim()) };
  }
  const end = text.indexOf(')', type.length);
  const rest = text.slice(end + 1);
  if (end === -1 || (rest !== '' && !rest.startsWith(':'))) return undefined;
  const parameters = parseExpressions(text.slice(type.length + 1, end).trim());
  return { kind: 'variable', type, parameters, address: parseExpressions(rest.slice(1).trim()) };
}

/** @returns the index of the brace that closes the one before `start`; -1 without one */
function closingBrace(text: string, start: number): number {
  let depth = 1;
  let quote = '';
  for (let index = start; index < text.length; index++) {
    const character = text[index] as string;
    if (quote) {
      if (character === quote) quote = '';
    } else if (isOpeningQuote(text, index)) quote = character;
    else if (text.startsWith('${', index)) depth++;
    else if (character === '}' && --depth === 0) return index;
  }
  return -1;
}

/** A quote that begins a literal follows a comma or an opening brace; an apostrophe elsewhere is text. */
function isOpeningQuote(text: string, index: number): boolean {
  return /['"]/.test(text[index] ?? '') && /[,{]\s*$/.test(text.slice(0, index));
}

/** Splits a text at a separator that is outside of quotes, braces and parentheses. */
function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quote = '';
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text[index] as string;
    if (quote) quote = character === quote ? '' : quote;
    else if (/['"]/.test(character) && text.slice(start, index).trim() === '') quote = character;
    else if (character === '{' || character === '(') depth++;
    else if (character === '}' || character === ')') depth--;
    else if (character === separator && depth === 0) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  return [...parts, text.slice(start)];
}
