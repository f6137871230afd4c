/** The resource `users`, and how clients may sort its list. */
import type { Resource } from '../database/resources.ts';

export const userResource: Resource = { name: 'users', item: 'user' };

/** The values of `sort`, and the columns that they stand for. */
export const userSortColumns = { id: 'id', name: 'name_key', email: 'email_key', createdAt: 'created_at' } as const;
