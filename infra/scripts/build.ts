/** `npm run build`: functions, router and site into dist/. */
import { buildAll } from './lib/build.ts';

await buildAll();
