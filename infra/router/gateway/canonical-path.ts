/** The one form of a path that policies and kept decisions of authorizers see. */
import { decode } from './route-tree.ts';

/**
 * @param hasPrefix whether the first segment is no part of the route's path
 * @returns a path with its segments decoded, and no empty ones but the last
 * @throws BadRequest for a path that is not percent-encoded UTF-8
 */
export function canonicalPath(path: string, hasPrefix: boolean): string {
  const segments = path
    .replaceAll(/\/{2,}/g, '/')
    .split('/')
    .slice(hasPrefix ? 2 : 1);
  return `/${segments.map((segment) => decode(segment).replaceAll('/', '%2F')).join('/')}`;
}
