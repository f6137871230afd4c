import type { Messages } from '../i18n/index.ts';
import { fill } from '../i18n/text.ts';
import type { Trouble } from './api.ts';

/** What to tell a reader whose request the API did not answer. */
export function wordsOf(trouble: Trouble, texts: Messages['trouble']): string {
  if (trouble.kind !== 'problem') return texts[trouble.kind];
  if (trouble.status === 429) return texts.busy;
  if (trouble.status === 502 || trouble.status === 503) return texts.unreachable;
  if (trouble.status === 504) return texts.slow;
  if (trouble.status === 413) return texts.tooLarge;
  if (trouble.status === 400) return texts.invalid;
  return fill(texts.failing, { status: trouble.status });
}
