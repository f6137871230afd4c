/**
 * Writes an .xlsx file while its rows arrive, so that a file of any length takes the memory of a few hundred rows.
 * @see ISO/IEC 29500-1 (Office Open XML), 18.3.1.4 for cells
 */
import { Zip } from 'fflate';
import { DeflatedPart } from './deflated-part.ts';

/** A cell: a text, a number, or a date and time. Texts are never formulas. */
export type XlsxCell = string | number | { date: number };

/** The sheet of a file. */
export interface XlsxSheet {
  /** The name on the tab, at most 31 characters. */
  name: string;
  titles: string[];
  /** The width of each column, in characters. */
  widths: number[];
}

/** Excel opens no sheet with more rows. Further rows go to further sheets. */
const maxSheetRows = 1_048_576;
/** Excel counts days from here, because it takes 1900 for a leap year. */
const epoch = Date.UTC(1899, 11, 30);
const dayMs = 86_400_000;

const xmlHead = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const packages = 'http://schemas.openxmlformats.org/package/2006';
const mime = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

const sheetEnd = '</sheetData></worksheet>';

/** The indices of `cellXfs`. Number format 22 is a date and time in the form of the reader's region. */
const dateStyle = 1;
const titleStyle = 2;
const styles = `${xmlHead}<styleSheet xmlns="${main}"><fonts count="2"><font/><font><b/></font></fonts><fills count="1"><fill/></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf/><xf numFmtId="22" applyNumberFormat="1"/><xf fontId="1" applyFont="1"/></cellXfs></styleSheet>`;

/**
 * Writes a workbook with one sheet, and with further ones where Excel's limit of rows needs them.
 * @param rows the rows below the titles, in portions
 * @param sheetRows the number of rows of a sheet; tests lower it
 * @returns the bytes of the file, portion by portion
 */
export async function* writeXlsx(
  sheet: XlsxSheet,
  rows: AsyncIterable<XlsxCell[][]>,
  sheetRows: number = maxSheetRows,
): AsyncGenerator<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    chunks.push(chunk);
  });
  const parts: DeflatedPart[] = [];
  const openPart = (name: string) => {
    const part = new DeflatedPart(name);
    parts.push(part);
    zip.add(part);
    return part;
  };

  let sheets = 0;
  let row = 0;
  const openSheet = async () => {
    sheets++;
    row = 1;
    const part = openPart(`xl/worksheets/sheet${sheets}.xml`);
    await part.write(sheetHead(sheet) + writeRow(row, sheet.titles, titleStyle));
    return part;
  };

  try {
    let part = await openSheet();
    for await (const portion of rows) {
      let text = '';
      for (const cells of portion) {
        if (row === sheetRows) {
          await part.end(text + sheetEnd);
          text = '';
          part = await openSheet();
        }
        row++;
        text += writeRow(row, cells);
      }
      await part.write(text);
      yield* chunks.splice(0);
    }
    await part.end(sheetEnd);
    await openPart('xl/styles.xml').end(styles);
    for (const [name, text] of directoryParts(sheet.name, sheets)) await openPart(name).end(text);
    zip.end();
    yield* chunks;
  } finally {
    for (const part of parts) part.close();
  }
}

/** The frozen titles stay in view, and the widths show whole names. */
function sheetHead({ widths }: XlsxSheet): string {
  const columns = widths.map((width, at) => `<col min="${at + 1}" max="${at + 1}" width="${width}" customWidth="1"/>`);
  return `${xmlHead}<worksheet xmlns="${main}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>${columns.join('')}</cols><sheetData>`;
}

function writeRow(row: number, cells: XlsxCell[], style = 0): string {
  const written = cells.map((cell, at) => writeCell(`${String.fromCharCode(65 + at)}${row}`, cell, style));
  return `<row r="${row}">${written.join('')}</row>`;
}

function writeCell(place: string, cell: XlsxCell, style: number): string {
  if (typeof cell === 'number') return `<c r="${place}"><v>${cell}</v></c>`;
  if (typeof cell === 'object') return `<c r="${place}" s="${dateStyle}"><v>${(cell.date - epoch) / dayMs}</v></c>`;
  return `<c r="${place}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${escapeXml(cell)}</t></is></c>`;
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Excel reads `_x0041_` in a text as the character of that number, and XML has no control characters at all. */
function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replace(/_(?=x[0-9a-f]{4}_)/gi, '_x005F_')
    .replace(/[&<>"]/g, (character) => entities[character] ?? '')
    .replace(
      /(?![\t\n])[\p{Cc}\ufffe\uffff]/gu,
      (character) => `_x${character.charCodeAt(0).toString(16).padStart(4, '0')}_`,
    );
}

/** The parts that list the others. They come last, when the number of sheets is known. */
function directoryParts(sheetName: string, sheets: number): [name: string, text: string][] {
  const numbers = Array.from({ length: sheets }, (_, at) => at + 1);
  const nameOf = (number: number) => escapeXml(number === 1 ? sheetName : `${sheetName} ${number}`);
  const tabs = numbers.map((number) => `<sheet name="${nameOf(number)}" sheetId="${number}" r:id="rId${number}"/>`);
  const relation = (id: string, type: string, target: string) =>
    `<Relationship Id="${id}" Type="${office}/${type}" Target="${target}"/>`;
  const relations = [
    ...numbers.map((number) => relation(`rId${number}`, 'worksheet', `worksheets/sheet${number}.xml`)),
    relation('rIdStyles', 'styles', 'styles.xml'),
  ];
  const override = (part: string, type: string) =>
    `<Override PartName="/xl/${part}" ContentType="${mime}.${type}+xml"/>`;
  const types = [
    override('workbook.xml', 'sheet.main'),
    override('styles.xml', 'styles'),
    ...numbers.map((number) => override(`worksheets/sheet${number}.xml`, 'worksheet')),
  ];
  const relationships = (list: string) =>
    `${xmlHead}<Relationships xmlns="${packages}/relationships">${list}</Relationships>`;
  return [
    [
      'xl/workbook.xml',
      `${xmlHead}<workbook xmlns="${main}" xmlns:r="${office}"><sheets>${tabs.join('')}</sheets></workbook>`,
    ],
    ['xl/_rels/workbook.xml.rels', relationships(relations.join(''))],
    ['_rels/.rels', relationships(relation('rId1', 'officeDocument', 'xl/workbook.xml'))],
    [
      '[Content_Types].xml',
      `${xmlHead}<Types xmlns="${packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${types.join('')}</Types>`,
    ],
  ];
}
