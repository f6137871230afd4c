/** The columns that hold a user's name and e-mail in comparable forms. */
import { fold, foldVariants } from '../text.ts';
import { emailKey } from './email.ts';
import type { UserInput } from './types.ts';

/**
 * JavaScript makes the forms, because SQLite folds the case of ASCII letters only.
 * @returns `name_key` for sorting, `email_key` for comparison, and `search_text`. In the last one a line break and a space come
 *   before each spelling of the name but the first, and a space before each spelling of the e-mail.
 */
export function userKeys({ name, email }: UserInput) {
  const key = emailKey(email);
  const addresses = new Set([email, key].flatMap(foldVariants));
  return {
    name_key: fold(name),
    email_key: key,
    search_text: `${foldVariants(name).join('\n ')}\t ${[...addresses].join(' ')}`,
  };
}
