/**
 * Entry point of the router, `node dist/router/main.mjs`: loads program.ts as CommonJS. As an ES module the program would read
 * every export of Node's own modules, and some of these load large parts of Node.js: a sixth of the router's start.
 */
import { createRequire } from 'node:module';

createRequire(import.meta.url)('./program.cjs');
