/**
 * Entry point of a function's process (dist/router/bootstrap.cjs): runs our runtime client on the socket pair that the
 * router put at file descriptor 3. Its one argument is the folder for compiled code.
 */
import { Socket } from 'node:net';
import { collectGarbage } from '../../v8/garbage-collector.ts';
import { writeOutputSynchronously } from '../blocking-output.ts';
import { writeLogEntry } from './console.ts';
import { currentRequestId, startRuntime } from './runtime.ts';
import { mapStackTraces } from './source-maps.ts';

const [, , cacheFolder] = process.argv;
mapStackTraces();

writeOutputSynchronously();
const channel = new Socket({ fd: 3, readable: true, writable: true });

// Without the router nobody can take an answer.
channel.on('close', () => process.exit(0));
channel.on('error', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
process.on('uncaughtException', (error) => crash(129, 'Uncaught Exception', error));
process.on('unhandledRejection', (reason) => crash(128, 'Unhandled Promise Rejection', reason));

void startRuntime(channel, process.env, { cacheFolder, collectGarbage }).then((started) => {
  // The router has got the error of INIT and ends this process. Until then somebody must read the channel.
  if (!started) channel.resume();
});

/** @param code exit code, as of aws-lambda-ric */
function crash(code: number, message: string, thrown: unknown): void {
  writeLogEntry('FATAL', currentRequestId(), [message, thrown]);
  process.exit(code);
}
