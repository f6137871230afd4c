import { BadRequestError } from './gateway-problems.ts';

/**
 * The path and query of a request target: clients of a proxy send the whole URL.
 * https://www.rfc-editor.org/rfc/rfc9112.html#section-3.2
 * @returns "*" for OPTIONS of the server itself
 * @throws BadRequestError for a target that has no path
 */
export function originForm(method: string, target: string): string {
  if (target.charCodeAt(0) === 47 /* / */) return target;
  if (target === '*' && method === 'OPTIONS') return target;
  const [, rest] = /^https?:\/\/[^/?#]+(.*)$/i.exec(target) ?? [];
  if (rest === undefined) throw new BadRequestError('The request target is no path');
  return rest.startsWith('/') ? rest : `/${rest}`;
}
