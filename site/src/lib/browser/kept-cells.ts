/** Keeps the cells that a reader pasted for an import in sessionStorage, so that a reload, another page or a refusal does not lose them. */
import { tabStorage } from './tab-storage.ts';

const key = 'pasted-cells';
const sentKey = 'pasted-cells-sent';

/**
 * @param isRefused whether the page says why the site did not take the list
 * @returns the kept cells; none after the site has taken them, unless the reader came back to the page
 */
export function readKeptCells(isRefused: boolean): string {
  try {
    const storage = tabStorage();
    const wasTaken = storage.getItem(sentKey) !== null && !isRefused && !cameBack();
    storage.removeItem(sentKey);
    if (wasTaken) storage.removeItem(key);
    return storage.getItem(key) ?? '';
  } catch {
    return '';
  }
}

/** Stores the cells; an empty text removes them. */
export function keepCells(text: string): void {
  try {
    tabStorage().removeItem(key);
    if (text !== '') tabStorage().setItem(key, text);
  } catch {
    // The browser may forbid storage, or have no room for so many cells.
  }
}

/** Notes that the reader has sent the form. The next page tells whether the site has taken it. */
export function noteSent(): void {
  try {
    tabStorage().setItem(sentKey, 'true');
  } catch {
    // Without storage nothing is kept.
  }
}

function cameBack(): boolean {
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  return navigation?.type === 'back_forward';
}
