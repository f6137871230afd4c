/** Removes the site's stored imports that name a person. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { emailKey } from '#lib/users/email.ts';

/**
 * Removes each import whose rows or results have one of the e-mails, in any spelling that the directory takes for the same. The
 * import loses its undo; its users stay. An upload whose table nobody has read yet goes, too, because it may have them.
 * @param dataFolder as in SITE_DATA
 * @returns how many imports were removed; undefined when there is no folder of imports
 */
export function eraseImports(dataFolder: string, emails: readonly string[]): number | undefined {
  const folder = join(dataFolder, 'imports');
  const imports = namesIn(folder);
  if (imports === undefined) return undefined;
  const wanted = new Set(emails.map(emailKey));
  if (wanted.size === 0) return 0;
  const concerned = imports.map((name) => join(folder, name)).filter((path) => mayName(path, wanted));
  for (const path of concerned) {
    // The site may write to an import that is under way.
    rmSync(path, { recursive: true, force: true, maxRetries: 10 });
  }
  return concerned.length;
}

function mayName(path: string, wanted: ReadonlySet<string>): boolean {
  const files = namesIn(path) ?? [];
  if (files.some((file) => file.startsWith('upload'))) return true;
  const texts = files.filter((file) => /\.(?:ndjson|json)$/.test(file));
  return texts.some((file) =>
    readFileSync(join(path, file), 'utf8')
      .split('\n')
      .some((line) => line.includes('@') && names(parse(line), wanted)),
  );
}

/** @returns the value of a line of JSON; the line itself if it is damaged */
function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return line;
  }
}

/** Looks at every address in every text of a value, also at one in the midst of other words. */
function names(value: unknown, wanted: ReadonlySet<string>): boolean {
  if (typeof value === 'string') {
    const words = value.split(/[\s<>()[\]{},;:"\\]+/).filter((word) => word.includes('@'));
    // An address may have signs that mostly stand between two of them: a/b@x.example, but also a@x.example/b@x.example.
    const pieces = words.flatMap((word) => word.split(/[^\p{L}\p{M}\p{N}@._%+-]+/u));
    return [...words, ...pieces].some((text) => wanted.has(emailKey(text)) || wanted.has(emailKey(trimSigns(text))));
  }
  if (typeof value !== 'object' || value === null) return false;
  // A file may be named after the person: ana@example.com.csv.
  const stemOf = (name: unknown) => (typeof name === 'string' ? name.replace(/\.\w+$/, '') : name);
  return Object.entries(value).some(
    ([key, part]) => names(part, wanted) || (key === 'fileName' && names(stemOf(part), wanted)),
  );
}

/** @returns the text without signs at its ends, as after the last word of a sentence */
function trimSigns(text: string): string {
  return text.replace(/^[._%+-]+|[._%+!?'-]+$/g, '');
}

function namesIn(folder: string): string[] | undefined {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
