/** The sessions of this process that have event streams open. */
import { createApi } from '../../lib/api-client.ts';
import { settings } from '../settings.ts';
import { recognize } from './recognize.ts';
import { SessionWatch } from './session-watch.ts';

/** AUTH_CACHE_MS may be 0, and each question costs the API a request. */
const minIntervalMs = 1_000;
let questions = 0;

/** Watches the sessions. A stream ends AUTH_CACHE_MS after its session at the latest, or 1 s where that is less. */
export const sessionWatch = new SessionWatch({
  intervalMs: Math.max(minIntervalMs, settings.authCacheMs),
  async isActive(session, forwardedFor) {
    const headers = {
      authorization: `Bearer ${session}`,
      'x-forwarded-for': forwardedFor,
      // An open page is not a use of the session, which may end while nobody works with it.
      'x-session-check': 'true',
      // The gateway keeps its answers by this header, too. The API looks at it only where there is no other credential.
      'x-api-key': `check-${++questions}`,
    };
    const api = createApi(settings.apiUrl, settings.apiTimeoutMs, { headers });
    const { kind } = await recognize(api, session);
    return kind === 'unknown' ? undefined : kind === 'person';
  },
});
