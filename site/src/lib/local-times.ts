/** Tells the site the reader's time zone, and shows this page's times in it where the page did not know it yet. */
import { formatDate } from '../i18n/text.ts';

const { lang, dataset } = document.documentElement;
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

if (zone && dataset.zone !== zone) {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in some browsers
  document.cookie = `zone=${zone}; path=/; max-age=31536000; samesite=lax`;
  for (const time of document.querySelectorAll('time')) time.textContent = formatDate(lang, time.dateTime, zone);
}
