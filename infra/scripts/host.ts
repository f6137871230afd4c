/** `npm run host`: serves the functions of another project. */
import { join } from 'node:path';
import { surviveLostOutput } from '../http/lost-output.ts';
import { runHost } from '../router/host/program.ts';
import { ensureRouter, root } from './lib/build.ts';

surviveLostOutput();
await ensureRouter();
// npm starts this program in the project's root, and says where the caller is.
const cwd = process.env.INIT_CWD ?? process.cwd();
// chokidar may open a watch again while it is being closed, and the process would never end by itself.
const code = await runHost(process.argv.slice(2), {
  env: process.env,
  cwd,
  routerFolder: join(root, 'dist/router'),
});
process.exit(code);
