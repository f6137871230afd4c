/**
 * Starts aws-lambda-ric once its Runtime API listens. The router does not know the port before it has started this
 * process, so the address comes over file descriptor 3; all else the client finds in the environment, as on Lambda.
 * Its one argument is the client's index.mjs.
 */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { growHeapBy } from '../../v8/heap.ts';

interface Blockable {
  setBlocking?(blocking: boolean): void;
}

const [, , client = ''] = process.argv;
const address = readFileSync(3, 'utf8');
// Without an address the router has gone, or could not listen and has said so.
if (address === '') process.exit(1);
process.env.AWS_LAMBDA_RUNTIME_API = address;
// The log comes before the answer, as on Lambda, where the client writes it synchronously to a file descriptor of its own.
// Node.js does so only with a pipe that has room; there is no public way to say it.
for (const { _handle: handle } of [process.stdout, process.stderr] as { _handle?: Blockable }[])
  handle?.setBlocking?.(true);
// Ctrl-C reaches the whole process group; when to end is the router's to say.
process.on('SIGINT', () => {});
growHeapBy(100);
await import(pathToFileURL(client).href);
