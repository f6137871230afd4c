/** Refuses .ods files that would keep SheetJS busy without end, in the process of `table-process.ts`. */
import { tooLarge, UnreadableTable } from './table.ts';

/** SheetJS's own expression for a tag, so that this check sees the tags that SheetJS sees. */
const anyTag = /<([/]?)([^\s?><!/:"]*:|)([^\s?<>:/"]+)(?:\s+[^<>=?"'\s]+="[^"]*?")*\s*[/]?>/g;
const comment = /<!--[\s\S]*?(?:-->|$)/g;
const numberStyle = /^(?:text|boolean|number|currency|percentage|date|time)-style$/;
/** SheetJS writes so many digits into a number's format. A format of a real file has a few. */
const manyDigits = /<[^<>]*?(?:-places|-digits)[^<>=]*=\s*["']?\s*[^"'<>\s]{4}/i;

/**
 * Counts what SheetJS would write for the tags of a document, before it does: a file of 1 kB may declare a cell that is
 * repeated in a thousand million rows. Empty cells without an end tag cost nothing, and real files repeat them to the sheet's last row.
 * @param content the part content.xml or styles.xml
 * @param maxCells how many cells the repetitions may add
 * @throws {UnreadableTable}
 * @see infra/docs/decisions/034-reading-tables.md
 */
export function checkOds(content: string, maxCells: number): void {
  const text = content.includes('<!--') ? content.replace(comment, '') : content;
  if (manyDigits.test(text)) throw new UnreadableTable('damaged', 'The file has a number format with too many digits.');
  let [rows, columns, cells, formatStart, formatCharacters] = [1, 1, 0, 0, 0];
  /** The end of the last start tag of a cell without a type: such a cell is empty if its end tag follows at once. */
  let emptyCellEnd = -1;
  for (const { 0: tag, 1: slash, 3: fullName = '', index } of text.matchAll(anyTag)) {
    const name = fullName.replace(/_[\s\S]*$/, '');
    const isEnd = slash === '/';
    if (name === 'table-row' || name === '行') rows = isEnd ? 1 : repetitions(tag, 'rows');
    else if (name === 'covered-table-cell' && !isEnd) columns = repetitions(tag, 'columns');
    else if (name === 'table-cell' || name === '数据') {
      if (!isEnd) {
        columns = repetitions(tag, 'columns');
        emptyCellEnd = /value-type|数据类型|\/>$/i.test(tag) ? -1 : index + tag.length;
      } else if (index !== emptyCellEnd) cells += rows * columns - 1;
      if (cells > maxCells) throw tooLarge(`The cells that the file repeats are more than ${maxCells}.`);
    } else if (numberStyle.test(name)) {
      if (!isEnd) formatStart = index;
      else formatCharacters += index - formatStart;
      // An end tag without a start tag makes SheetJS read all formats again.
      if (formatCharacters > text.length)
        throw new UnreadableTable('damaged', 'Number formats stand inside each other in the file.');
    }
  }
}

/** @returns the greatest number that SheetJS could read from the attributes of this name */
function repetitions(tag: string, of: 'rows' | 'columns'): number {
  if (!/repeated/i.test(tag)) return 1;
  const values = tag.matchAll(new RegExp(`number-${of}-repeated[^=]*=\\s*(?:"([^"]*)"|'([^']*)'|([^'">\\s]+))`, 'gi'));
  const numbers = [...values].flatMap(([, ...value]) => [Number(value.join('')), Number.parseInt(value.join(''), 10)]);
  return Math.max(1, ...numbers.filter((number) => !Number.isNaN(number)));
}
