/** The resource `users` and its bin, and how clients may sort their lists. */
import type { Resource } from '../database/resources.ts';

export const userResource: Resource = { name: 'users', item: 'user' };

/** The values of `sort`, and the columns that they stand for. */
export const userSortColumns = { id: 'id', name: 'name_key', email: 'email_key', createdAt: 'created_at' } as const;

/** The deleted users. The cache holds nothing of them: only the total and the revision of their list matter. */
export const binResource: Resource = { name: 'users_bin', item: 'user_in_bin' };

/** The values of `sort` in the bin, and the columns that they stand for. */
export const binSortColumns = { id: 'id', name: 'name_key', email: 'email_key', deletedAt: 'deleted_at' } as const;

/** The column of each property of a user, in the table of users and in the bin. */
export const userColumns = {
  id: 'id',
  name: 'name',
  email: 'email',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
  version: 'version',
};
