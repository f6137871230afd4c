/** The last loads of the list, kept for this tab. */
import type { Load } from '../api-types.ts';

const key = 'loads';
export const most = 24;

export function keptLoads(): Load[] {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(key) ?? '[]');
    return Array.isArray(kept) ? kept.slice(-most) : [];
  } catch {
    return [];
  }
}

export function keepLoad(loads: Load[], load: Load): Load[] {
  const next = [...loads, load].slice(-most);
  try {
    sessionStorage.setItem(key, JSON.stringify(next));
  } catch {
    // Without storage the chart begins anew with each page.
  }
  return next;
}
