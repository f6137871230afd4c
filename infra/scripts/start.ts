/** `npm start`: builds, then serves the API and the site until Ctrl-C. */
import { parseArgs } from 'node:util';
import { routerFlags } from '../v8/flags.ts';
import { buildAll, say } from './lib/build.ts';
import { serve } from './lib/serve.ts';
import { addressesOf, routerEnvironment, siteEnvironment } from './lib/settings.ts';

const help = `Builds, brings the database to its schema, and serves the API and the site until Ctrl-C.

  npm start

Settings come from the environment: infra/docs/settings.md lists them.
`;

const { env } = process;
const { values } = parseArgs({ options: { help: { type: 'boolean' } } });
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}

try {
  await buildAll();
} catch (error) {
  say(`The build failed: ${(error as Error).message}`);
  process.exit(1);
}

const { api, site } = addressesOf(env);
await serve('api', [...routerFlags, 'dist/router/main.mjs'], routerEnvironment(env)).listening;
await serve('site', ['dist/site/main.mjs'], siteEnvironment(env)).listening;

say(`
  Site  ${site}
  API   ${api}     try: curl -i ${api}/users
  Ctrl-C stops both.
`);
