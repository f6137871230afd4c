/** Keeps the latest loads of the list in sessionStorage, for the chart of this tab. */
import type { Load } from '../api-types.ts';
import { tabStorage } from './tab-storage.ts';

const key = 'loads';
/** The number of loads that the chart shows. */
const maxLoads = 24;

/** @returns the kept loads, oldest first */
export function readLoads(): Load[] {
  try {
    const kept: unknown = JSON.parse(tabStorage().getItem(key) ?? '[]');
    return Array.isArray(kept) ? kept.slice(-maxLoads) : [];
  } catch {
    return [];
  }
}

/** @returns the loads with one more; the oldest goes when there are too many */
export function saveLoad(loads: Load[], load: Load): Load[] {
  const next = [...loads, load].slice(-maxLoads);
  try {
    tabStorage().setItem(key, JSON.stringify(next));
  } catch {
    // The browser may forbid storage. The chart then starts empty on each page.
  }
  return next;
}
