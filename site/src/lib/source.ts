import type { Messages } from '../i18n/index.ts';
import type { Load } from './users.ts';

/** Where a list came from, in words. */
export function sourceWords({ state, redis }: Pick<Load, 'state' | 'redis'>, texts: Messages['source']): string {
  if (state === 'hit') return redis ? texts.hitRedis : texts.hit;
  return texts[state];
}
