/** What the two pages with a user's form share: reading a submission and what the island needs. */
import type { Language, Messages } from '../i18n/index.ts';
import { localPath } from '../i18n/index.ts';
import type { FormTexts } from '../islands/UserForm.tsx';
import { statusOf } from './api.ts';
import { numberOf, textOf } from './form-data.ts';
import { newKey } from './key.ts';
import type { Draft, Outcome } from './save.ts';

/** The form's fields as they were submitted; without an id it makes a new user. */
export function draftOf(form: FormData, id?: number): Draft {
  return {
    id,
    values: { name: textOf(form, 'name'), email: textOf(form, 'email') },
    version: numberOf(textOf(form, 'version')),
    key: textOf(form, 'key', 100) || newKey(),
  };
}

/** The status of the page that shows what came of a submission. */
export function pageStatus(outcome: Outcome): number {
  if (outcome.kind === 'faults') return 422;
  if (outcome.kind === 'taken') return 409;
  if (outcome.kind === 'stale') return 412;
  if (outcome.kind === 'gone') return 404;
  return outcome.kind === 'trouble' ? statusOf(outcome.trouble) : 200;
}

export function formProps(language: Language, messages: Messages) {
  const { form, field, conflict, trouble, remove, locale } = messages;
  const t: FormTexts = { form, field, conflict, trouble, remove, locale };
  return { t, listPath: localPath(language, '/'), usersPath: localPath(language, '/users/') };
}
