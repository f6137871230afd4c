import { showLocalTimes } from './local-times.ts';

/**
 * Replaces a section of the page by the one that the site server renders now. If that fails, the section stays as it is.
 * @param id of the section's element
 */
export async function refreshSection(id: string): Promise<void> {
  const response = await fetch(location.href).catch(() => undefined);
  if (!response?.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), 'text/html');
  const fresh = page.getElementById(id);
  if (fresh) document.getElementById(id)?.replaceWith(fresh);
  showLocalTimes();
}
