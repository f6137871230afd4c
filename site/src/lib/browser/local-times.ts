import { formatDate } from '../../i18n/text.ts';

/** Tells the site the reader's time zone, and shows this page's times in it where the page did not know it yet. */
export function showLocalTimes(): void {
  const { lang, dataset } = document.documentElement;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone || dataset.zone === zone) return;
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in some browsers
  document.cookie = `zone=${zone}; path=/; max-age=31536000; samesite=lax`;
  for (const time of document.querySelectorAll('time')) time.textContent = formatDate(lang, time.dateTime, zone);
}
