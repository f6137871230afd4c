/** `npm run build`: bundles functions and router, and builds the site. */
import { parseArgs } from 'node:util';
import { buildAll } from './lib/build.ts';

const help = `Builds functions, router and site into dist/. The site is built only when its files have changed.

  npm run build
`;

const { values } = parseArgs({ options: { help: { type: 'boolean' } } });
if (values.help) process.stdout.write(help);
else await buildAll();
