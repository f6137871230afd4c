/**
 * Shows another state of the list without leaving the page: fetches the page of that address, as the server renders it,
 * and takes over its `data-swap` parts. So there is one rendering of the list, which also works without this file.
 */
import type { Load } from '../api-types.ts';

/** Told on `document` after each load; `load` is missing when the API did not answer. */
export interface Shown {
  load: Load | undefined;
  /** Which state of all users it shows. */
  revision: string | undefined;
  /** Whether asking again by and by can help. */
  transient: boolean;
}

export const shownEvent = 'cadastro:shown';

let current: AbortController | undefined;
let moving = false;

/** What becomes of the browser's history: `refresh` reads the same address again, `restore` one it has gone back to. */
export type Keeping = 'push' | 'replace' | 'restore' | 'refresh';

/** Resolves to whether the page could be had: not when it was overtaken by a newer call, nor when the site is away. */
export async function show(address: string, keeping: Keeping): Promise<boolean> {
  // Where the reader is going is newer than any refresh of where they are.
  if (keeping === 'refresh' && moving) return true;
  current?.abort();
  const controller = new AbortController();
  current = controller;
  moving = keeping !== 'refresh';
  if (keeping === 'push') history.pushState({}, '', address);
  else if (keeping === 'replace') history.replaceState({}, '', address);
  document.getElementById('results')?.setAttribute('aria-busy', 'true');
  try {
    const response = await fetch(address, { headers: { accept: 'text/html' }, signal: controller.signal });
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    if (controller.signal.aborted) return false;
    if (!page.getElementById('results')) {
      location.assign(address);
      return false;
    }
    swap(page);
    document.dispatchEvent(new CustomEvent<Shown>(shownEvent, { detail: readShown() }));
    return true;
  } catch {
    // The site is away. What is shown is no longer what the address says: the next sign of life has it read again.
    if (!controller.signal.aborted) delete document.getElementById('results')?.dataset.revision;
    return false;
  } finally {
    if (current === controller) {
      moving = false;
      document.getElementById('results')?.removeAttribute('aria-busy');
    }
  }
}

/** What the shown list says of itself. */
export function readShown(): Shown {
  const results = document.getElementById('results');
  return {
    load: results?.dataset.load ? JSON.parse(results.dataset.load) : undefined,
    revision: results?.dataset.revision,
    transient: results?.querySelector('[data-failure="transient"]') !== null,
  };
}

function swap(page: Document): void {
  const focused = keyOf(document.activeElement);
  const versions = versionsShown();
  for (const fresh of page.querySelectorAll('[data-swap]')) document.getElementById(fresh.id)?.replaceWith(fresh);
  if (versions.size > 0) {
    for (const row of document.querySelectorAll<HTMLElement>('[data-version]')) {
      const before = versions.get(row.dataset.id);
      if (before !== undefined && before !== row.dataset.version) row.classList.add('changed');
    }
  }
  if (focused) document.querySelector<HTMLElement>(focused)?.focus({ preventScroll: true });
}

function versionsShown(): Map<string | undefined, string | undefined> {
  const rows = document.querySelectorAll<HTMLElement>('[data-version]');
  return new Map(Array.from(rows, ({ dataset }) => [dataset.id, dataset.version]));
}

/** How to find the focused element again in a page that was rendered anew. */
function keyOf(element: Element | null): string | undefined {
  if (!(element instanceof HTMLElement) || !element.closest('[data-swap]')) return undefined;
  const { key } = element.dataset;
  if (key) return `[data-key="${key}"]`;
  const row = element.closest<HTMLElement>('[data-id]');
  if (row) return `[data-id="${row.dataset.id}"] ${element.localName}`;
  const heading = element.closest('th');
  return heading ? `th.${heading.className} ${element.localName}` : undefined;
}
