/** POST /preferences: stores the theme in a cookie and redirects to the page whose header the reader used. */
import type { APIRoute } from 'astro';
import { readForm, textOf } from '../lib/form-data.ts';
import { localAddress } from '../lib/local-address.ts';
import { isTheme } from '../lib/theme.ts';

const yearSeconds = 31_536_000;
const maxBackCharacters = 4_000;

export const POST: APIRoute = async ({ request, cookies, redirect }) => {
  const form = await readForm(request);
  if (!form) return new Response(null, { status: 400 });
  const theme = textOf(form, 'theme');
  if (isTheme(theme)) cookies.set('theme', theme, { path: '/', maxAge: yearSeconds, sameSite: 'lax', httpOnly: true });
  return redirect(localAddress(textOf(form, 'back', maxBackCharacters)), 303);
};
