/** The site server's client for the API, and the turns of those who use it. */
import { type Api, createApi } from '../lib/api-client.ts';
import { PageTurns } from './page-turns.ts';
import { settings } from './settings.ts';
import type { TraceHeaders } from './trace-headers.ts';

/** The turns of this process. */
export const pageTurns = new PageTurns(settings.maxWaitingPages);

/**
 * Makes the client for the requests that one visitor causes. The API limits each visitor by the address in them. A result
 * waits for the visitor's turn, because a page or an export does its work with it.
 * @param forwardedFor the X-Forwarded-For of the visitor's request, which `client-address.ts` has checked
 * @param client the key of the visitor
 * @param session the token of the visitor's session; undefined without one
 * @param trace the trace context of the visitor's request
 */
export function apiFor(forwardedFor: string, client: string, session: string | undefined, trace: TraceHeaders): Api {
  return createApi(settings.apiUrl, settings.apiTimeoutMs, {
    headers: {
      'x-forwarded-for': forwardedFor,
      ...trace,
      ...(session !== undefined && { authorization: `Bearer ${session}` }),
    },
    beforeResult: () => pageTurns.resume(client),
  });
}
