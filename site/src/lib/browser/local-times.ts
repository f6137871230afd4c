import { formatDate } from '../../i18n/text.ts';

/**
 * Shows the times of a page in the reader's time zone. A cookie makes the site server render the next page in it.
 */
export function showLocalTimes(): void {
  const { dataset } = document.documentElement;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone || dataset.zone === zone) return;
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in some browsers
  document.cookie = `zone=${zone}; path=/; max-age=31536000; samesite=lax`;
  for (const time of document.querySelectorAll('time'))
    time.textContent = formatDate(dataset.locale ?? 'en', time.dateTime, zone);
}
