/** The role that each page needs, by its route. The API checks the same for each of its own requests. */
import type { Role } from '../../../../functions/lib/accounts/roles.ts';

/** `public` pages show themselves to everybody. */
export type Access = Role | 'public';

interface PageRoles {
  /** To see the page. */
  read: Access;
  /** To send its form; as to see it, if left out. */
  write?: Access;
}

const roles: Readonly<Record<string, PageRoles>> = {
  '/404': { read: 'public' },
  '/500': { read: 'public' },
  '/refused': { read: 'public' },
  '/preferences': { read: 'public' },
  '/[...locale]/sign-in': { read: 'public' },
  '/[...locale]/sign-in/openid': { read: 'public' },
  '/[...locale]/sign-in/openid/return': { read: 'public' },
  '/[...locale]/sign-out': { read: 'public' },
  '/[...locale]/link': { read: 'public' },
  '/[...locale]/account': { read: 'reader' },
  '/[...locale]/people': { read: 'administrator' },
  '/[...locale]': { read: 'reader' },
  '/[...locale]/twins': { read: 'reader' },
  '/[...locale]/users/[id]': { read: 'reader', write: 'editor' },
  '/[...locale]/create': { read: 'editor' },
  '/[...locale]/edit': { read: 'editor' },
  '/[...locale]/delete': { read: 'editor' },
  '/[...locale]/bin': { read: 'editor' },
  '/[...locale]/import': { read: 'editor' },
  '/[...locale]/import/[id]': { read: 'editor' },
  '/[...locale]/import/[id]/columns': { read: 'editor' },
  '/[...locale]/import/[id]/progress': { read: 'editor' },
  '/[...locale]/system': { read: 'administrator' },
};

/** Pages that do not exist while AUTH is off. */
const accountPages = new Set(
  ['sign-in', 'sign-in/openid', 'sign-in/openid/return', 'sign-out', 'link', 'account', 'people'].map(
    (name) => `/[...locale]/${name}`,
  ),
);

/** @returns the role that a request for a page needs; that of an administrator for a page without an entry */
export function neededRole(routePattern: string, method: string): Access {
  const page = roles[routePattern];
  if (page === undefined) return 'administrator';
  const isRead = method === 'GET' || method === 'HEAD';
  return isRead ? page.read : (page.write ?? page.read);
}

/** @returns whether a page is about accounts, which exist only while AUTH is on */
export function isAccountPage(routePattern: string): boolean {
  return accountPages.has(routePattern);
}

/** @returns whether scripts read the page, and can't follow a redirect to the sign-in page */
export function isForScripts(routePattern: string): boolean {
  return routePattern.endsWith('/progress');
}

/** @returns whether the page shows a form again that the API has not taken, and asks nobody but the API */
export function keepsTypedText(routePattern: string): boolean {
  return ['create', 'people', 'users/[id]'].some((name) => routePattern === `/[...locale]/${name}`);
}

/** @returns whether a page names the role that it needs */
export function hasRole(routePattern: string): boolean {
  return Object.hasOwn(roles, routePattern);
}
