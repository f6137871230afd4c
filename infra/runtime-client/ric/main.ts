/**
 * Entry point of a function's process under AWS's client (dist/router/ric.mjs): starts aws-lambda-ric as soon as its Runtime
 * API listens. The router learns the port after it has started this process, so the address comes over file descriptor 3.
 * The client finds everything else in the environment, as on Lambda. The one argument is the path of its index.mjs.
 * @see infra/docs/decisions/011-aws-lambda-ric.md
 */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

interface Blockable {
  setBlocking?(blocking: boolean): void;
}

const [, , client = ''] = process.argv;
const address = readFileSync(3, 'utf8');
// The router is gone, or could not listen and has logged why.
if (address === '') process.exit(1);
process.env.AWS_LAMBDA_RUNTIME_API = address;
// The log has to arrive before the answer. On Lambda the client writes it synchronously to a file descriptor of its own;
// Node.js writes synchronously to a pipe only after this call, for which it has no public API.
for (const { _handle: handle } of [process.stdout, process.stderr] as { _handle?: Blockable }[])
  handle?.setBlocking?.(true);
await import(pathToFileURL(client).href);
