/** The methods that the pages and the routes beside them answer. */
import type { Refusal } from './request-checks.ts';

/** The pages under `src/pages` with a form, in any language. */
const formPath = /^(?:\/[a-z]{2}(?:-[a-z]{2})?)?\/(?:create|delete|users\/[^/]+|preferences)\/?$/i;

/**
 * Refuses a method that a page does not answer. Astro renders a page for every method.
 * @param path the request's path, without its query
 * @returns undefined if the page answers the method
 */
export function checkPageMethod(method: string | undefined, path: string): Refusal | undefined {
  const takesForm = formPath.test(path);
  if (method === 'GET' || method === 'HEAD' || (method === 'POST' && takesForm)) return undefined;
  const allow = takesForm ? 'GET, HEAD, POST' : 'GET, HEAD';
  return { status: 405, text: `${method} is not allowed here. Use one of ${allow}.`, headers: { allow } };
}
