/** `npm start`: builds, then serves the API and the site until Ctrl-C. Settings as in the README. */
import { routerFlags } from '../v8/flags.ts';
import { buildAll, say } from './lib/build.ts';
import { serve } from './lib/serve.ts';

try {
  await buildAll();
} catch (error) {
  say(`The build failed: ${(error as Error).message}`);
  process.exit(1);
}

const { env } = process;
const host = env.HOST || '127.0.0.1';
// The site calls the API over loopback where the API listens at all addresses.
const apiHost = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
const apiUrl = `http://${apiHost}:${env.PORT || 8080}`;
const controlUrl = env.LAMBDA_PORT === '0' ? '' : `http://${apiHost}:${env.LAMBDA_PORT || 3001}`;
const siteUrl = `http://${apiHost}:${env.SITE_PORT || 8501}`;

const api = serve('api', [...routerFlags, 'dist/router/main.mjs'], env);
await api.listening;
const site = serve('site', ['dist/site/main.mjs'], {
  API_URL: apiUrl,
  ...(controlUrl && { CONTROL_URL: controlUrl }),
  ...env,
});
await site.listening;

say(`
  Site  ${siteUrl}
  API   ${apiUrl}     try: curl -i ${apiUrl}/users
  Ctrl-C stops both.
`);
