/** `npm run invoke`: runs one event through the bundle of a function, in this process, with the router's own runtime. */
import inspector from 'node:inspector';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { printableLine, printableText } from '../http/printable.ts';
import { type Config, lambdaMaxPayloadBytes, parseConfig } from '../router/config.ts';
import { type FunctionConfiguration, readManifest } from '../router/manifest.ts';
import { readRegularFile } from '../router/process/regular-file.ts';
import { errorOf, type InvocationOutcome } from '../router/runtime/invocation.ts';
import { describeBatch } from '../router/samples/batch-failures.ts';
import { eventOfRequest, methodAndPath, samplePath } from '../router/samples/request-event.ts';
import { sampleEvent, sampleNames } from '../router/samples/sample-event.ts';
import { mapStackTraces } from '../runtime-client/node/source-maps.ts';
import { ensureApi, root } from './lib/build.ts';
import { invokeLocally } from './lib/invoke-locally.ts';

const help = `Runs an event through the bundle of a function, as the router or Lambda would, in one process.

  npm run invoke -- FUNCTION --path /users/1 [--method GET] [--body TEXT] [--header 'name: value'] …
  npm run invoke -- FUNCTION --event FILE          an event as JSON, 6 MB at most; - is standard input
  npm run invoke -- FUNCTION --sample sqs          a ready-made event: ${sampleNames.join(', ')}

  --print      print the event instead of running the function
  --inspect    wait for a debugger on port 9229 before the function loads; its time-out does not count then

The response goes to stdout; logs, duration and memory go to stderr. The exit code is 1 when the function failed, and 2
when an argument is wrong.
`;

const maxEventMegabytes = lambdaMaxPayloadBytes / 1_048_576;

const { stdout, stderr } = process;

/** An argument or the code of a function is wrong; the message says what. */
class UsageError extends Error {}

try {
  process.exitCode = await main();
} catch (error) {
  const { name, message, stack } = error as Error;
  const expected =
    error instanceof UsageError || ['ConfigurationError', 'BadRequest'].includes(name) || 'code' in (error as object);
  stderr.write(`${expected ? printableLine(message) : printableText(stack ?? message)}\n`);
  process.exit(2);
}
process.exit();

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      event: { type: 'string' },
      sample: { type: 'string' },
      print: { type: 'boolean' },
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
  if (!DIST_FOLDER) {
    await ensureApi().catch(({ message }: Error) => {
      throw new UsageError(message);
    });
  }
  const config = parseConfig({ ...process.env, DIST_FOLDER: DIST_FOLDER || join(root, 'dist') });
  const functions = readManifest(config.distFolder);
  const [name] = positionals;
  const names = functions.map((one) => one.name).join(', ');
  const configuration = functions.find((one) => one.name === name);
  if (!configuration) throw new UsageError(`${name ? `There is no function "${name}"` : 'Name a function'}: ${names}`);
  const event =
    values.sample !== undefined
      ? sampleOf(values.sample, configuration, config)
      : values.event !== undefined
        ? await readEvent(values.event)
        : eventOf(configuration, config, values);
  if (values.print) {
    stdout.write(`${JSON.stringify(event, null, 2)}\n`);
    return 0;
  }

  if (values.inspect) inspector.open(undefined, undefined, true);
  mapStackTraces();
  // Functions log to stdout, as on Lambda. Here stdout carries the response alone.
  Object.defineProperty(process, 'stdout', { get: () => stderr });
  // As under `sam local invoke`: nobody collects the metrics of one invocation.
  process.env.AWS_SAM_LOCAL = 'true';
  for (const first of functions.filter(({ onStart }) => onStart && configuration.onStart === false)) {
    const error = errorOf((await invokeLocally(first, config, '{}')).outcome);
    if (error) throw new UsageError(`${first.name} failed: ${error.errorMessage}`);
  }
  const { outcome, requestId, initMs, durationMs } = await invokeLocally(configuration, config, JSON.stringify(event));
  const error = errorOf(outcome);
  stdout.write(`${error ? JSON.stringify(error, null, 2) : await formatResponse(outcome)}\n`);
  const memory = Math.ceil(process.resourceUsage().maxRSS / 1024);
  stderr.write(
    `REPORT RequestId: ${requestId}  Duration: ${durationMs.toFixed(2)} ms  Init Duration: ${initMs.toFixed(2)} ms  ` +
      `Memory Size: ${configuration.memorySize} MB  Max Memory Used: ${memory} MB\n`,
  );
  const batch = outcome.type === 'payload' && describeBatch(event, JSON.parse(outcome.payload.toString()));
  if (batch) stderr.write(`${printableLine(batch)}\n`);
  return error ? 1 : 0;
}

async function readEvent(file: string): Promise<unknown> {
  let event: string;
  try {
    event = file === '-' ? await readInput() : readRegularFile(file, maxEventMegabytes);
  } catch (error) {
    throw new UsageError(`The event cannot be read: ${(error as Error).message}`);
  }
  try {
    const value: unknown = JSON.parse(event);
    // JSON of many levels can be read, and not be written.
    JSON.stringify(value);
    return value;
  } catch (error) {
    throw new UsageError(`The event in ${file} is not JSON: ${(error as Error).message}`);
  }
}

async function readInput(): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin) {
    size += chunk.length;
    if (size > lambdaMaxPayloadBytes) throw new Error(`it has more than ${maxEventMegabytes} MB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
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
): object {
  const { name, routes } = configuration;
  const [route] = routes;
  if (!route) return {};
  const [routeMethod, routePath] = methodAndPath(route.key);
  const target = path ?? routePath;
  if (path === undefined && routePath.includes('{'))
    throw new UsageError(`${name} has the route ${route.key}: add --path ${samplePath(routePath)}`);
  const httpMethod = (method ?? routeMethod).toUpperCase();
  const rawHeaders = header.flatMap((line) => {
    const colon = line.indexOf(':');
    if (colon < 1) throw new UsageError(`--header needs 'name: value', not '${line}'`);
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  });
  const event = eventOfRequest(configuration, config, { method: httpMethod, target, rawHeaders, body });
  if (event) return event;
  const keys = routes.map(({ key }) => key).join(', ');
  throw new UsageError(`${httpMethod} ${target} does not match a route of ${name}: ${keys}`);
}

function sampleOf(sample: string, configuration: FunctionConfiguration, config: Config): object {
  if (sampleNames.includes(sample)) return sampleEvent(sample, configuration, config);
  throw new UsageError(`There is no sample "${sample}": ${sampleNames.join(', ')}`);
}

/** Formats the response: JSON is indented, a stream keeps its bytes. */
async function formatResponse(outcome: InvocationOutcome): Promise<string> {
  if (outcome.type === 'stream') return text(outcome.stream);
  if (outcome.type !== 'payload') throw new Error(`unexpected outcome ${outcome.type}`);
  return JSON.stringify(JSON.parse(outcome.payload.toString()), null, 2);
}
