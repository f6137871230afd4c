/** POST /sign-out: ends the session, or with `everywhere` all sessions of the person, and leads to the sign-in page. */
import type { APIRoute } from 'astro';
import { localPath } from '../../i18n/index.ts';
import { statusOf } from '../../lib/api-client.ts';
import { readForm, textOf } from '../../lib/form-data.ts';
import { sessionHeader } from '../../server/client-address.ts';
import { endSession, signInAddress } from '../../server/sessions/begin-session.ts';
import { sessionWatch } from '../../server/sessions/watch-service.ts';

export const POST: APIRoute = async (context) => {
  const { locals, request, redirect, rewrite } = context;
  // Astro shows another page only for a request whose body nobody has read.
  const form = await readForm(request.clone());
  if (!form) return new Response(locals.t.failure.noForm, { status: 400 });
  const failure = locals.hasSession ? await endSession(context, textOf(form, 'everywhere') === 'yes') : undefined;
  if (failure && statusOf(failure) === 401) {
    return redirect(signInAddress(locals.language, localPath(locals.language, '/account')), 303);
  }
  if (failure) {
    locals.refusal = { kind: 'unknown', status: statusOf(failure), failure };
    return rewrite('/refused');
  }
  const session = request.headers.get(sessionHeader);
  if (session !== null) sessionWatch.end(session);
  return redirect(localPath(locals.language, '/sign-in?out'), 303);
};
