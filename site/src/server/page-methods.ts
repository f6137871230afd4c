/** The methods that the pages and the routes beside them answer. */
import type { Refusal } from './request-checks.ts';

/** The pages under `src/pages` with a form, in any language, and the exports, which take the selection of the list. */
const formPath =
  /^(?:\/[a-z]{2}(?:-[a-z]{2})?)?\/(?:account|bin|create|delete|link|people|sign-in|sign-out|export\.(?:csv|xlsx)|users\/[^/]+|preferences|import(?:\/[\w-]{22}(?:\/columns)?)?)\/?$/i;
/** The other pages, and the routes and files beside them. */
const otherPath =
  /^(?:\/(?:healthz|events)|\/.*\.\w+|(?:\/[a-z]{2}(?:-[a-z]{2})?)?(?:\/(?:edit|system|twins|sign-in\/openid(?:\/return)?|import\/[\w-]{22}\/(?:progress|rejected)))?\/?)$/i;
/** The page whose form brings a file. */
const uploadPath = /^(?:\/[a-z]{2}(?:-[a-z]{2})?)?\/import\/?$/i;
/** The pages whose forms make the site read a file with a table. */
const tablePath = /^(?:\/[a-z]{2}(?:-[a-z]{2})?)?\/import(?:\/[\w-]{22}\/columns)?\/?$/i;

/**
 * Whether a form may be larger than others: the page of the import reads it by itself, as it arrives.
 * @param target the request's target, with its query
 */
export function takesUpload(target: string): boolean {
  return uploadPath.test(target.split('?', 1)[0] ?? '');
}

/** Whether a form at this path makes the site read a file with a table. @param path the request's path, without its query */
export function readsTable(path: string): boolean {
  return tablePath.test(path);
}

/**
 * Refuses a method that a page does not answer, and a form for a page that does not exist. Astro renders a page for every
 * method.
 * @param path the request's path, without its query
 * @returns undefined if the page answers the method
 */
export function checkPageMethod(method: string | undefined, path: string): Refusal | undefined {
  const takesForm = formPath.test(path);
  if (method === 'GET' || method === 'HEAD' || (method === 'POST' && takesForm)) return undefined;
  if (!takesForm && !otherPath.test(path)) return { status: 404, text: 'There is no page here.' };
  const allow = takesForm ? 'GET, HEAD, POST' : 'GET, HEAD';
  return { status: 405, text: `${method} is not allowed here. Use one of ${allow}.`, headers: { allow } };
}
