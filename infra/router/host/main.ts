#!/usr/bin/env node
/** Entry point of the package's command. The router is built beside this file. */
import { surviveLostOutput } from '../../http/lost-output.ts';
import { runHost } from './program.ts';

surviveLostOutput();

process.exitCode = await runHost(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  routerFolder: import.meta.dirname,
});
