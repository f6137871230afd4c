/** The history of a user on its page: what it shows of a change, and how an earlier state comes back. */
import type { Messages } from '../i18n/index.ts';
import { fill } from '../i18n/text.ts';
import type { Api, Result } from './api-client.ts';
import { type User, type UserChange, versionTag } from './api-types.ts';
import { parsePositiveInteger, textOf } from './form-data.ts';
import type { Values } from './merge-user.ts';
import { isSame } from './save-user.ts';
import type { FieldName } from './user-fields.ts';

/** A field of a change, with its text before and after it; undefined where there was no user. */
export interface ValueRow {
  field: FieldName;
  before: string | undefined;
  after: string | undefined;
}

/** @returns the fields that the change set, changed or removed */
export function valueRows({ before, after }: Pick<UserChange, 'before' | 'after'>): ValueRow[] {
  const rows = (['name', 'email'] as const).map((field) => ({ field, before: before?.[field], after: after?.[field] }));
  return rows.filter((row) => row.before !== row.after);
}

/** @returns who made the change, in the reader's language */
export function actorText({ kind, id, name }: UserChange['actor'], texts: Messages['history']): string {
  return fill(texts.actors[kind], { name: name ?? id ?? '' });
}

/** Whether the state before a change exists and is another one than the user has. @param user undefined for a deleted one */
export function isRestorable(
  change: UserChange,
  user: Values | undefined,
): change is UserChange & { before: NonNullable<UserChange['before']> } {
  return change.before !== null && (user === undefined || !isSame(change.before, user));
}

/**
 * Brings back the state that a submitted form names.
 * @param form has the id of the change and, unless the user is deleted, the version that the reader saw
 */
export function restoreState(api: Pick<Api, 'restoreState'>, id: number, form: FormData): Promise<Result<User>> {
  const version = parsePositiveInteger(textOf(form, 'version'));
  const tag = version === undefined ? '' : versionTag(version);
  return api.restoreState(id, parsePositiveInteger(textOf(form, 'change')) ?? 0, tag);
}
