/** The sentences that tell a reader where an answer of the API came from, or why there is none. */
import type { Messages } from '../i18n/index.ts';
import { fill } from '../i18n/text.ts';
import type { ApiFailure } from './api-client.ts';
import type { Load } from './api-types.ts';

/** @returns the sentence for a request that the API did not answer as hoped */
export function failureText(failure: ApiFailure, texts: Messages['failure']): string {
  if (failure.kind !== 'problem') return texts[failure.kind];
  if (failure.status === 429) return texts.busy;
  if (failure.status === 502 || failure.status === 503) return texts.unreachable;
  if (failure.status === 504) return texts.slow;
  if (failure.status === 401) return texts.signedOut;
  if (failure.status === 403) return texts.forbidden;
  if (failure.status === 413) return texts.tooLarge;
  if (failure.status === 400) return texts.invalid;
  return fill(texts.failing, { status: failure.status });
}

/** @returns the words for the source of a list or a user: the cache or the database */
export function sourceText({ state, place }: Pick<Load, 'state' | 'place'>, texts: Messages['source']): string {
  return fill(texts[state], { place: texts.places[place] ?? texts.places.database });
}
