/** The site server's client for the API. */
import { type Api, createApi } from '../lib/api-client.ts';
import { settings } from './settings.ts';

/**
 * Makes the client for the requests that one visitor causes. The API limits each visitor by the address in them.
 * @param forwardedFor the X-Forwarded-For of the visitor's request, which `client-address.ts` has checked
 */
export function apiFor(forwardedFor: string): Api {
  return createApi(settings.apiUrl, settings.apiTimeoutMs, { headers: { 'x-forwarded-for': forwardedFor } });
}
