/** The entry, `node dist/router/main.mjs`: runs program.ts from the code that V8 compiled for it at an earlier start. */
import { join } from 'node:path';
import { requireCached } from '../v8/code-cache.ts';

requireCached(join(import.meta.dirname, 'program.cjs'), join(import.meta.dirname, 'compile-cache'));
