/** The request target of an HTTP request, RFC 9112 section 3.2. */
import { BadRequestError } from './gateway-problems.ts';

/**
 * Takes path and query out of a request target. Clients of a proxy send the whole URL.
 * @returns path and query as they were sent; "*" for OPTIONS of the server itself
 * @throws BadRequest for a target without a path
 * @see https://www.rfc-editor.org/rfc/rfc9112.html#section-3.2
 */
export function originForm(method: string, target: string): string {
  if (target.charCodeAt(0) === 47 /* / */) return target;
  if (target === '*' && method === 'OPTIONS') return target;
  const [, rest] = /^https?:\/\/[^/?#]+(.*)$/i.exec(target) ?? [];
  if (rest === undefined) throw new BadRequestError('The request target has no path');
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** @returns the host that a request names: an absolute target overrides the Host header */
export function hostOf(target: string, header: string | undefined): string | undefined {
  if (target.charCodeAt(0) === 47 /* / */) return header;
  return /^https?:\/\/([^/?#]+)/i.exec(target)?.[1] ?? header;
}

/** @returns the path of a request target, without its query string */
export function pathOf(target: string): string {
  const query = target.indexOf('?');
  return query === -1 ? target : target.slice(0, query);
}
