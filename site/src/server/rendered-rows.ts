/** The rendered rows that this process keeps. */
import { createRowCache } from './row-cache.ts';
import { settings } from './settings.ts';

/** Gives the kept rows of a key, or renders them. */
export const { rows: renderedRows } = createRowCache(settings.maxCacheBytes);
