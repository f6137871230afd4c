#!/usr/bin/env node
/** Entry point of the package's command. The router is built beside this file. */
import { surviveLostOutput } from '../../http/lost-output.ts';
import { runHost } from './program.ts';

surviveLostOutput();

// chokidar may open a watch again while it is being closed, and the process would never end by itself.
const code = await runHost(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  routerFolder: import.meta.dirname,
});
process.exit(code);
