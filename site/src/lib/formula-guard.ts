/**
 * Keeps spreadsheets from running the text of a CSV file as a formula.
 *
 * Spreadsheets run a cell as a formula if it begins with one of certain characters. Which text is a cell depends on the
 * spreadsheet: where `;` separates, the name `a;=1+1` is two cells. So the guard is an apostrophe before each place where a
 * formula could begin, after any usual separator, and reading removes exactly these apostrophes.
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */

const separators = String.raw`,;|\t\r\n`;
/** After `=+-@` come their full-width forms, which Japanese and Chinese spreadsheets accept, their small forms, and the minus sign. */
const formula = String.raw`=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212`;
/**
 * Some programs drop spaces, quotes and characters that nobody sees at the start of a cell. Separators are not among them: they
 * begin another cell.
 */
const ahead = String.raw`(?=(?:(?![\t\r\n])[\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}"])*[${formula}])`;
const dangerous = new RegExp(`(?<=^|[${separators}])'*${ahead}`, 'gu');
const guarded = new RegExp(`(?<=^|[${separators}])'('*)${ahead}`, 'gu');

/** @returns the text of a cell with an apostrophe before each place where a formula could begin */
export function guardFormulas(cell: string): string {
  return cell.replace(dangerous, "'$&");
}

/** @returns the text that was given to `guardFormulas` */
export function removeFormulaGuards(cell: string): string {
  return cell.replace(guarded, '$1');
}
