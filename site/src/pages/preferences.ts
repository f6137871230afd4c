/** POST /preferences: keeps the choice of appearance, and goes back to the page it was made on. */
import type { APIRoute } from 'astro';
import { readForm, textOf } from '../lib/form-data.ts';
import { isTheme } from '../lib/theme.ts';

export const POST: APIRoute = async ({ request, cookies, redirect }) => {
  const form = await readForm(request);
  if (!form) return new Response(null, { status: 400 });
  const theme = textOf(form, 'theme');
  if (isTheme(theme)) cookies.set('theme', theme, { path: '/', maxAge: 31_536_000, sameSite: 'lax', httpOnly: true });
  const back = textOf(form, 'back', 4_000);
  // An address of this site alone: "//elsewhere" and "/\elsewhere" are others.
  return redirect(/^\/(?![/\\])[^\r\n]*$/.test(back) ? back : '/', 303);
};
