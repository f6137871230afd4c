/** Writes the value of a spreadsheet's cell as a person sees it, in the process of `table-process.ts`. */
import * as XLSX from '@e965/xlsx';

/**
 * The longest format that is applied. Excel's own limit is 255, and its longest ready-made formats, those of accounting with a
 * currency, have some 90. SheetJS needs time that grows with the square of the length or faster, for each cell.
 */
const maxFormatCharacters = 128;

/** Dates that Excel shows in the order of its own region have this form instead. */
const dateFormat = 'yyyy-mm-dd';

/**
 * @param cell as SheetJS reads it with `cellNF`, and without `cellText` where the file has formats
 * @param date1904 whether the days of the workbook are counted from 1904
 * @returns of a formula its result, of a date the date, and the bare value where the format is too long or broken
 * @see infra/docs/decisions/034-reading-tables.md
 */
export function textOf(cell: XLSX.CellObject | undefined, date1904: boolean): string {
  if (cell?.w !== undefined) return cell.w;
  if (cell?.v === undefined || cell.v === null) return '';
  if (cell.t === 'e') return XLSX.utils.format_cell(cell);
  const format = cell.z ?? 'General';
  if (typeof format === 'string' && format.length > maxFormatCharacters) return String(cell.v);
  try {
    return XLSX.SSF.format(format, cell.v, { dateNF: dateFormat, date1904 });
  } catch {
    return String(cell.v);
  }
}
