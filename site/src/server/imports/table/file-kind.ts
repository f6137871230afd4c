/** Tells spreadsheets from text files by their first bytes, whatever their names say. */

/** @returns whether a file is a ZIP package, as .xlsx, .xlsb and .ods files are */
export function isPackage(bytes: Uint8Array): boolean {
  return startsWith(bytes, [0x50, 0x4b, 0x03, 0x04]);
}

/** @returns whether a file is a package, or a compound file as .xls files and protected .xlsx files are */
export function isSpreadsheet(bytes: Uint8Array): boolean {
  return isPackage(bytes) || startsWith(bytes, [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
}

function startsWith(bytes: Uint8Array, start: number[]): boolean {
  return start.every((byte, at) => bytes[at] === byte);
}
