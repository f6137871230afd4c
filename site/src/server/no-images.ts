/**
 * Answers `/_image` with the page for unknown addresses. Astro adds this endpoint to every site, and its own code would serve
 * any of the site's files under a content type that the request names.
 */
import type { APIRoute } from 'astro';

export const ALL: APIRoute = () => new Response(null, { status: 404 });
