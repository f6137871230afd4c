/** What the two pages with a user's form share: reading a submission and what the island needs. */
import type { Language, Messages } from '../i18n/index.ts';
import { localPath } from '../i18n/index.ts';
import type { FormTexts } from '../islands/UserForm.tsx';
import { statusOf } from './api-client.ts';
import { parsePositiveInteger, textOf } from './form-data.ts';
import { newIdempotencyKey } from './idempotency-key.ts';
import type { Draft, SaveOutcome } from './save-user.ts';

/** The form's fields as they were submitted; without an id it makes a new user. */
export function draftOf(form: FormData, id?: number): Draft {
  return {
    id,
    values: { name: textOf(form, 'name'), email: textOf(form, 'email') },
    version: parsePositiveInteger(textOf(form, 'version')),
    key: textOf(form, 'key', 100) || newIdempotencyKey(),
  };
}

/** The status of the page that shows what came of a submission. */
export function pageStatus(outcome: SaveOutcome): number {
  if (outcome.kind === 'faults') return 422;
  if (outcome.kind === 'taken') return 409;
  if (outcome.kind === 'stale') return 412;
  if (outcome.kind === 'gone') return 404;
  return outcome.kind === 'failure' ? statusOf(outcome.failure) : 200;
}

export function formProps(language: Language, messages: Messages) {
  const { form, field, conflict, failure, remove, locale } = messages;
  const t: FormTexts = { form, field, conflict, failure, remove, locale };
  return { t, listPath: localPath(language, '/'), usersPath: localPath(language, '/users/') };
}
