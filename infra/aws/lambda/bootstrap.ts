/**
 * Entry point of the Lambda image (dist/aws/bootstrap.mjs): reads the secrets, and then starts aws-lambda-ric in this process.
 * The one argument is the handler, such as functions/get-user/handler.handler. Lambda passes it as the command, but the client
 * reads it from _HANDLER.
 * @see infra/docs/decisions/042-aws.md
 */
import { pathToFileURL } from 'node:url';
import { printableLine } from '../../http/printable.ts';
import { locateRic } from '../../router/runtime/locate-ric.ts';
import { readSecrets } from './secrets.ts';

const [, , handler] = process.argv;
try {
  await readSecrets(process.env);
} catch (error) {
  process.stderr.write(`cadastro: ${printableLine((error as Error).message)}\n`);
  process.exit(1);
}
if (handler !== undefined) process.env._HANDLER = handler;
await import(pathToFileURL(locateRic(process.env.RIC_PATH, import.meta.dirname)).href);
