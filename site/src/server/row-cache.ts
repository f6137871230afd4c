/** Keeps the rendered rows of lists: rendering 100 users takes a fifth of the CPU of their page. */
import { LRUCache } from 'lru-cache';

/** Memory that an entry takes beside its texts (bytes). */
const entryBytes = 200;
/** V8 stores a text that has one letter outside Latin-1 with two bytes a letter. */
const bytesPerLetter = 2;

/**
 * Makes a cache that is bounded by size. The least recently used rows go first.
 * @param maxBytes the size of all entries; 0 keeps nothing
 * @returns `rows`, which gives the kept rows of a key or renders them; `byteCount`, the size of all entries
 */
export function createRowCache(maxBytes: number) {
  const cache = new LRUCache<string, string>({
    // lru-cache takes 0 for "no limit".
    maxSize: Math.max(1, maxBytes),
    sizeCalculation: (rows, key) => entryBytes + bytesPerLetter * (rows.length + key.length),
  });

  function rows(key: string, render: () => string): string {
    const kept = cache.get(key);
    if (kept !== undefined) return kept;
    const rendered = render();
    cache.set(key, rendered);
    return rendered;
  }

  return { rows, byteCount: () => cache.calculatedSize };
}
