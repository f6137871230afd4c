/** The address of the site, for links that somebody passes on. */
import { settings } from '../settings.ts';

/** @returns PUBLIC_URL, or else scheme and host by which the reader reaches the site, such as `https://people.example.com` */
export function siteOrigin(request: Request): string {
  if (settings.publicUrl) return settings.publicUrl.origin;
  // `server/routes.ts` has replaced the scheme that the client sent, and has checked the host.
  const scheme = request.headers.get('x-forwarded-proto') === 'https' ? 'https' : 'http';
  return `${scheme}://${request.headers.get('host') ?? new URL(request.url).host}`;
}
