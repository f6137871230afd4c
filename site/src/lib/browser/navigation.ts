/**
 * Shows another state of the list without reloading the page: it fetches the page of that address and swaps in its
 * `data-swap` parts. So only the server renders the list, and the links work without this file, too (decision 013).
 */
import type { Load } from '../api-types.ts';

/** The state of the shown list. `load` is undefined if the API did not answer. */
export interface ListState {
  load: Load | undefined;
  /** The revision of all users that the list shows (decision 010). */
  revision: string | undefined;
  /** Whether the list shows a failure that a later attempt can overcome. */
  transient: boolean;
}

/** `document` dispatches this event, with the ListState as `detail`, when the page shows another list, or none. */
export const listShownEvent = 'cadastro:shown';
/** `document` dispatches this event when a refresh failed. The page still shows the list that it showed before. */
export const refreshFailedEvent = 'cadastro:refresh-failed';

/** Longer than the site's own time-out for the API, so that the site's answer comes first. */
const timeoutMs = 15_000;

/** Aborts the latest fetch, because a newer one overtakes it. */
let current: AbortController | undefined;
/** Whether the latest fetch goes to another address, and does not refresh this one. */
let moving = false;

/** The change of the browser's history. `restore` follows the Back button; `refresh` reads the same address again. */
export type HistoryUpdate = 'push' | 'replace' | 'restore' | 'refresh';

/**
 * Shows the list of an address. If that fails, the page shows a notice: instead of the old list, which does not belong to the
 * address, or above it after a failed refresh.
 * @returns false if the site did not answer, or a newer call overtook this one
 */
export async function show(address: string, update: HistoryUpdate): Promise<boolean> {
  // A refresh must not abort the reader's own navigation.
  if (update === 'refresh' && moving) return true;
  current?.abort();
  const controller = new AbortController();
  current = controller;
  moving = update !== 'refresh';
  if (update === 'push') history.pushState({}, '', address);
  else if (update === 'replace') history.replaceState({}, '', address);
  document.getElementById('results')?.setAttribute('aria-busy', 'true');
  // AbortSignal.any would be shorter, but browsers of 2023 lack it.
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    controller.abort();
  }, timeoutMs);
  try {
    const response = await fetch(address, { headers: { accept: 'text/html' }, signal: controller.signal });
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    if (controller.signal.aborted) return false;
    const results = page.getElementById('results');
    const failure = page.querySelector('#results [data-failure="transient"]');
    if (!results && response.status < 500 && response.status !== 429) {
      location.assign(address);
      return false;
    }
    // A refresh that finds no list leaves the list that the reader has.
    if (!results || (failure && update === 'refresh')) {
      fail(update, failure);
      return false;
    }
    swap(page);
    announce();
    return true;
  } catch {
    if (isLate || !controller.signal.aborted) fail(update, null);
    return false;
  } finally {
    clearTimeout(timer);
    if (current === controller) {
      moving = false;
      document.getElementById('results')?.removeAttribute('aria-busy');
    }
  }
}

function announce(): void {
  document.dispatchEvent(new CustomEvent<ListState>(listShownEvent, { detail: readListState() }));
}

/** @param named the failure that the site named; null if the site is out of reach */
function fail(update: HistoryUpdate, named: Element | null): void {
  const notice = named ?? unreachableNotice();
  const results = document.getElementById('results');
  if (!results) return;
  // Without a revision, the next revision event refreshes the list.
  delete results.dataset.revision;
  if (update === 'refresh') {
    if (notice && !readListState().transient) results.prepend(notice);
    document.dispatchEvent(new Event(refreshFailedEvent));
    return;
  }
  delete results.dataset.load;
  results.replaceChildren(...(notice ? [notice] : []));
  announce();
}

/** @returns a copy of the notice in `Unreachable.astro`, whose link leads to the present address */
function unreachableNotice(): Element | null {
  const template = document.querySelector<HTMLTemplateElement>('template#unreachable');
  const notice = template?.content.firstElementChild?.cloneNode(true) as Element | undefined;
  notice?.querySelector('a')?.setAttribute('href', location.href);
  return notice ?? null;
}

/** Reads the state of the list from its data attributes. */
export function readListState(): ListState {
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

/** @returns a selector that finds the focused element in the swapped page */
function keyOf(element: Element | null): string | undefined {
  if (!(element instanceof HTMLElement) || !element.closest('[data-swap]')) return undefined;
  const { key } = element.dataset;
  if (key) return `[data-key="${key}"]`;
  const row = element.closest<HTMLElement>('[data-id]');
  if (row) return `[data-id="${row.dataset.id}"] ${element.localName}`;
  const heading = element.closest('th');
  return heading ? `th.${heading.className} ${element.localName}` : undefined;
}
