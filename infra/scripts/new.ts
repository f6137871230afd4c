/** `npm run new`: makes the folder of a function that builds, passes its test, is served and is documented. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { findFunctions } from '../../esbuild.config.mjs';
import { printableLine } from '../http/printable.ts';
import { RouteTree } from '../router/gateway/route-tree.ts';
import { parseFunction } from '../router/manifest.ts';
import { samplePath } from '../router/samples/request-event.ts';
import { root } from './lib/build.ts';
import { functionFiles, type NewRoute, takesBody } from './lib/function-template.ts';

const help = `Makes a function: the folder functions/NAME with settings, handler, test, sample event and documentation.

  npm run new -- NAME 'METHOD /path/{parameter}'

  npm run new -- get-thing 'GET /things/{id}'
  npm run new -- create-thing 'POST /things'

NAME takes letters, digits, - and _. METHOD is GET, POST, PUT, PATCH, DELETE or ANY. {rest+} as the last segment matches all
segments that follow. Exit code 2: the name or the route is malformed or taken.
`;

try {
  main();
} catch (error) {
  process.stderr.write(`${printableLine((error as Error).message)}\n`);
  process.exitCode = 2;
}

function main(): void {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { help: { type: 'boolean' } } });
  if (values.help) {
    process.stdout.write(help);
    return;
  }
  const [name, routeKey, ...others] = positionals;
  if (!name || !routeKey || others.length > 0) {
    throw new Error(`Give a name and a route, the route in quotes: npm run new -- get-thing 'GET /things/{id}'`);
  }
  const route = parseRoute(routeKey);
  const added = parseFunction({ name, route: routeKey }, 'dist');
  const existing = findFunctions().map((one) => parseFunction({ name: one.name, ...one.configuration }, 'dist'));
  if (existing.some((one) => one.name === name))
    throw new Error(`functions/${name} exists already: choose another name`);
  const routes = new RouteTree([...existing, added]);
  const folder = `functions/${name}`;
  writeFiles(folder, functionFiles(name, route, routes));
  process.stdout.write(`Made ${folder}/:
  function.json         the route; functions/defaults.json has the other settings
  handler.ts            answers a request
  handler.test.ts       npm test -- ${folder}/handler.test.ts
  openapi.ts            describes the route in /openapi.json
  events/request.json   npm run invoke -- ${name} --event ${folder}/events/request.json

Next: npm run dev, and in another terminal ${curl(route)}
`);
}

function parseRoute(routeKey: string): NewRoute {
  const [, method, path] = /^(GET|POST|PUT|PATCH|DELETE|ANY) (\/[^\s'"`\\*:?#]*)$/.exec(routeKey) ?? [];
  if (method && path) return { method, path };
  throw new Error(
    `route ${JSON.stringify(routeKey)}: it takes GET, POST, PUT, PATCH, DELETE or ANY and a path, as in 'GET /things/{id}'`,
  );
}

/** @throws {Error} when the folder is there already; nothing is written then */
function writeFiles(folder: string, files: Record<string, string>): void {
  try {
    mkdirSync(join(root, folder));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new Error(`${folder} exists already: choose another name`);
  }
  for (const [path, text] of Object.entries(files)) {
    const file = join(root, folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  // The templates have no indentation, and lines of any length.
  spawnSync(process.execPath, ['node_modules/@biomejs/biome/bin/biome', 'check', '--write', folder], { cwd: root });
}

/** @returns a command that calls the route */
function curl({ method, path }: NewRoute): string {
  const option = method === 'GET' || method === 'ANY' ? '' : `-X ${method} `;
  const body = takesBody(method) ? ` -H 'content-type: application/json' -d '{"name":"Ada"}'` : '';
  return `curl -i ${option}http://127.0.0.1:8080${samplePath(path)}${body}`;
}
