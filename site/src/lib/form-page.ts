/** Shared by the create and edit pages on the site server: reads a submitted form and makes the island's properties. */
import type { Language, Messages } from '../i18n/index.ts';
import { localPath } from '../i18n/index.ts';
import type { FormTexts } from '../islands/form-texts.ts';
import { statusOf } from './api-client.ts';
import { parsePositiveInteger, textOf } from './form-data.ts';
import { newIdempotencyKey } from './idempotency-key.ts';
import type { Values } from './merge-user.ts';
import type { Draft, SaveOutcome } from './save-user.ts';

/** @returns the submitted fields. Saving a draft without an id creates a user. */
export function draftOf(form: FormData, id?: number): Draft {
  return {
    id,
    values: { name: textOf(form, 'name'), email: textOf(form, 'email') },
    version: parsePositiveInteger(textOf(form, 'version')),
    seen: seenValues(textOf(form, 'seen')),
    key: validKey(textOf(form, 'key')) ?? newIdempotencyKey(),
  };
}

/** A header cannot carry every text, and no page of this site makes another key. */
function validKey(text: string): string | undefined {
  return /^[\w-]{1,100}$/.test(text) ? text : undefined;
}

/** @param text the form's hidden field: the values that the reader began with, as JSON */
function seenValues(text: string): Values | undefined {
  try {
    const { name, email } = JSON.parse(text);
    return typeof name === 'string' && typeof email === 'string' ? { name, email } : undefined;
  } catch {
    return undefined;
  }
}

/** @returns the HTTP status of the page that shows the outcome of a submission */
export function pageStatus(outcome: SaveOutcome): number {
  if (outcome.kind === 'faults') return 422;
  if (outcome.kind === 'taken') return 409;
  if (outcome.kind === 'stale') return 412;
  if (outcome.kind === 'gone') return 404;
  return outcome.kind === 'failure' ? statusOf(outcome.failure) : 200;
}

/**
 * @param backPath the list that the reader came from
 * @returns the properties of UserForm that depend on the reader alone
 */
export function formProps(language: Language, messages: Messages, backPath: string) {
  const { form, field, conflict, failure, flash, remove, locale } = messages;
  const t: FormTexts = { form, field, conflict, failure, flash, remove, locale };
  return { t, backPath, listPath: localPath(language, '/'), usersPath: localPath(language, '/users/') };
}
