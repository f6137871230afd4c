/** GET /sign-in/openid: begins a sign-in at the provider of OpenID Connect. */
import type { APIRoute } from 'astro';
import { addressAfterSignIn } from '../../../../server/sessions/begin-session.ts';
import { beginOpenId } from '../../../../server/sessions/openid.ts';
import { settings } from '../../../../server/settings.ts';

export const GET: APIRoute = (context) => {
  const { locals, url, redirect, rewrite } = context;
  if (settings.openIdIssuer === undefined) return rewrite('/404');
  if (locals.person) return redirect(addressAfterSignIn(url.searchParams.get('next'), locals.language), 303);
  return beginOpenId(context);
};
