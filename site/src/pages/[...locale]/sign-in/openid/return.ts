/** GET /sign-in/openid/return: the provider of OpenID Connect sends the browser back here. */
import type { APIRoute } from 'astro';
import { finishOpenId } from '../../../../server/sessions/openid.ts';
import { settings } from '../../../../server/settings.ts';

export const GET: APIRoute = (context) =>
  settings.openIdIssuer === undefined ? context.rewrite('/404') : finishOpenId(context);
