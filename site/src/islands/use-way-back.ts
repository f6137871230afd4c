/** Hook: the address of the list that this tab showed last. */
import { useEffect, useState } from 'preact/hooks';
import { lastList } from '../lib/browser/last-list.ts';

/**
 * @param listPath the list's path in the page's language
 * @param backPath the list that the reader came from, as far as the site server knows it
 */
export function useWayBack(listPath: string, backPath: string): string {
  const [path, setPath] = useState(backPath);
  useEffect(() => {
    const query = lastList();
    if (query !== null) setPath(listPath + query);
  }, []);
  return path;
}
