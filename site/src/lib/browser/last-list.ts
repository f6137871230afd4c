/** Keeps the list that this tab showed last in sessionStorage, for the way back from a user's page. */
import { tabStorage } from './tab-storage.ts';

const key = 'list';

/** Stores the search, order and page of the list's present address. */
export function rememberList(): void {
  try {
    tabStorage().setItem(key, location.search);
  } catch {
    // The browser may forbid storage. The way back then follows the Referer header, on the site server.
  }
}

/** @returns the query with `?` of the list that this tab showed last; '' for all users, null if it showed none */
export function lastList(): string | null {
  try {
    return tabStorage().getItem(key);
  } catch {
    return null;
  }
}
