/**
 * @param backPath the list that the reader came from
 * @returns where the reader goes after creating a user: back to a search, or to the newest of all users
 */
export function afterCreation(backPath: string): string {
  return backPath.includes('?') ? backPath : `${backPath}?sort=-id`;
}
