/** Merges the changes that two people made to one user, field by field. */
import type { FieldName } from './user-fields.ts';

/** The fields of the form. */
export type Values = Record<FieldName, string>;

const fieldNames: readonly FieldName[] = ['name', 'email'];

/** Both changes together. In a conflict, `values` holds the reader's own text. */
export interface Merge {
  values: Values;
  /** The fields that both people changed, each to something else. */
  conflicts: FieldName[];
  /** The fields that only the other person changed. */
  theirs: FieldName[];
}

/**
 * Merges two changes as `diff3` does: a field that only one of the two people changed takes that change.
 * @param seen the values that both people began with; undefined makes each difference a conflict
 * @param mine the reader's own values
 * @param current the values after the other person's change
 */
export function mergeUser(seen: Values | undefined, mine: Values, current: Values): Merge {
  const merge: Merge = { values: { ...mine }, conflicts: [], theirs: [] };
  for (const field of fieldNames) {
    if (mine[field] === current[field] || current[field] === seen?.[field]) continue;
    if (mine[field] !== seen?.[field]) merge.conflicts.push(field);
    else {
      merge.theirs.push(field);
      merge.values[field] = current[field];
    }
  }
  return merge;
}
