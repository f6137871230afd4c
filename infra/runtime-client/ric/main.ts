/**
 * Entry point of a function's process under AWS's client (dist/router/ric.mjs): starts aws-lambda-ric as soon as its Runtime
 * API listens. The router learns the port after it has started this process, so the address comes over file descriptor 3.
 * The client finds everything else in the environment, as on Lambda. The one argument is the path of its index.mjs.
 * @see infra/docs/decisions/011-aws-lambda-ric.md
 */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { writeOutputSynchronously } from '../blocking-output.ts';

const [, , client = ''] = process.argv;
const address = readFileSync(3, 'utf8');
// The router is gone, or could not listen and has logged why.
if (address === '') process.exit(1);
process.env.AWS_LAMBDA_RUNTIME_API = address;
writeOutputSynchronously();
await import(pathToFileURL(client).href);
