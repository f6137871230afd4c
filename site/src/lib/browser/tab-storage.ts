/** The storage of this tab. What one person typed or deleted must not show itself to the next one who signs in here. */

const key = 'person';

/**
 * Empties the storage when another person is signed in than the one who filled it.
 * @throws when the browser forbids storage
 */
export function tabStorage(): Storage {
  const person = document.documentElement.dataset.person ?? '';
  const storage = sessionStorage;
  if ((storage.getItem(key) ?? '') !== person) {
    storage.clear();
    storage.setItem(key, person);
  }
  return storage;
}
