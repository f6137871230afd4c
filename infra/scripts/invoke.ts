/** `npm run invoke`: runs one event through the bundle of a function, in this process, with the router's own runtime. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import inspector from 'node:inspector';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { type Config, parseConfig } from '../router/config.ts';
import { createEvent } from '../router/gateway/event.ts';
import { pathOf } from '../router/gateway/request-target.ts';
import { RouteTree } from '../router/gateway/route-tree.ts';
import { type FunctionConfiguration, readManifest } from '../router/manifest.ts';
import { errorOf, type InvocationOutcome } from '../router/runtime/invocation.ts';
import { mapStackTraces } from '../runtime-client/node/source-maps.ts';
import { ensureApi, root } from './lib/build.ts';
import { samplePath } from './lib/function-template.ts';
import { invokeLocally } from './lib/invoke-locally.ts';

const help = `Runs an event through the bundle of a function, as the router or Lambda would, in one process.

  npm run invoke -- FUNCTION --path /users/1 [--method GET] [--body TEXT] [--header 'name: value'] …
  npm run invoke -- FUNCTION --event FILE          an event as JSON; - is standard input

  --inspect    wait for a debugger on port 9229 before the function loads; its time-out does not count then

The response goes to stdout; logs, duration and memory go to stderr. The exit code is 1 when the function failed, and 2
when an argument is wrong.
`;

const { stdout, stderr } = process;

/** An argument is wrong; the message is one line. */
class UsageError extends Error {}

try {
  process.exitCode = await main();
} catch (error) {
  const { name, message, stack } = error as Error;
  const expected =
    error instanceof UsageError || ['ConfigurationError', 'BadRequest'].includes(name) || 'code' in (error as object);
  stderr.write(`${expected ? message : stack}\n`);
  process.exit(2);
}
process.exit();

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      event: { type: 'string' },
      path: { type: 'string' },
      method: { type: 'string' },
      body: { type: 'string' },
      header: { type: 'string', multiple: true },
      inspect: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    stdout.write(help);
    return 0;
  }
  const { DIST_FOLDER } = process.env;
  if (!DIST_FOLDER) await ensureApi();
  const config = parseConfig({ ...process.env, DIST_FOLDER: DIST_FOLDER || join(root, 'dist') });
  const functions = readManifest(config.distFolder);
  const [name] = positionals;
  const names = functions.map((one) => one.name).join(', ');
  const configuration = functions.find((one) => one.name === name);
  if (!configuration) throw new UsageError(`${name ? `There is no function "${name}"` : 'Name a function'}: ${names}`);
  const event = values.event === undefined ? eventOf(configuration, config, values) : await readEvent(values.event);

  if (values.inspect) inspector.open(undefined, undefined, true);
  mapStackTraces();
  // Functions log to stdout, as on Lambda. Here stdout carries the response alone.
  Object.defineProperty(process, 'stdout', { get: () => stderr });
  for (const first of functions.filter(({ onStart }) => onStart && configuration.onStart === false)) {
    const error = errorOf((await invokeLocally(first, config, '{}')).outcome);
    if (error) throw new UsageError(`${first.name} failed: ${error.errorMessage}`);
  }
  const { outcome, requestId, initMs, durationMs } = await invokeLocally(configuration, config, event);
  const error = errorOf(outcome);
  stdout.write(`${error ? JSON.stringify(error, null, 2) : await formatResponse(outcome)}\n`);
  const memory = Math.ceil(process.resourceUsage().maxRSS / 1024);
  stderr.write(
    `REPORT RequestId: ${requestId}  Duration: ${durationMs.toFixed(2)} ms  Init Duration: ${initMs.toFixed(2)} ms  ` +
      `Memory Size: ${configuration.memorySize} MB  Max Memory Used: ${memory} MB\n`,
  );
  return error ? 1 : 0;
}

async function readEvent(file: string): Promise<string> {
  let event: string;
  try {
    event = file === '-' ? await text(process.stdin) : readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`The event cannot be read: ${(error as Error).message}`);
  }
  try {
    JSON.parse(event);
  } catch (error) {
    throw new UsageError(`The event in ${file} is not JSON: ${(error as Error).message}`);
  }
  return event;
}

interface RequestArguments {
  path?: string | undefined;
  method?: string | undefined;
  body?: string | undefined;
  header?: string[] | undefined;
}

/** Builds the event that the gateway would build for such a request to this function. */
function eventOf(
  configuration: FunctionConfiguration,
  config: Config,
  { path, method, body, header = [] }: RequestArguments,
): string {
  const [route] = configuration.routes;
  if (!route) return '{}';
  const [routeMethod = 'GET', routePath = '/'] = route.key.split(' ');
  const target = path ?? routePath;
  if (path === undefined && routePath.includes('{'))
    throw new UsageError(`${configuration.name} has the route ${route.key}: add --path ${samplePath(routePath)}`);
  const httpMethod = (method ?? routeMethod).replace('ANY', 'GET').toUpperCase();
  const match = new RouteTree([configuration]).find(httpMethod, pathOf(target));
  if (!match)
    throw new UsageError(
      `${httpMethod} ${target} does not match a route of ${configuration.name}: ${configuration.routes.map(({ key }) => key).join(', ')}`,
    );
  const rawHeaders = header.flatMap((line) => {
    const colon = line.indexOf(':');
    if (colon < 1) throw new UsageError(`--header needs 'name: value', not '${line}'`);
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  });
  const lower = rawHeaders.map((text) => text.toLowerCase());
  if (!lower.includes('host')) rawHeaders.push('host', 'localhost');
  if (body !== undefined && !lower.includes('content-type')) rawHeaders.push('content-type', 'application/json');
  const request = { method: httpMethod, target, httpVersion: '1.1', rawHeaders, sourceIp: '127.0.0.1' };
  const { accountId, stageVariables } = config;
  const origin = { requestId: randomUUID(), time: Date.now(), accountId, apiId: 'cadastro', stageVariables };
  const event = createEvent(request, match, origin);
  if (body !== undefined) event.body = body;
  return JSON.stringify(event);
}

/** Formats the response: JSON is indented, a stream keeps its bytes. */
async function formatResponse(outcome: InvocationOutcome): Promise<string> {
  if (outcome.type === 'stream') return text(outcome.stream);
  if (outcome.type !== 'payload') throw new Error(`unexpected outcome ${outcome.type}`);
  return JSON.stringify(JSON.parse(outcome.payload.toString()), null, 2);
}
