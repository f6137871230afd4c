/** What runs in a function process: the runtime client on the socket pair that the router put at file descriptor 3. */
import { Socket } from 'node:net';
import { writeEntry } from './console.ts';
import { currentRequestId, startRuntime } from './runtime.ts';
import { mapStackTraces } from './source-maps.ts';

mapStackTraces();

const channel = new Socket({ fd: 3, readable: true, writable: true });

// The router went away without ending us: nobody is left to answer.
channel.on('close', () => process.exit(0));
channel.on('error', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
// Ctrl-C reaches the whole process group; when to end is the router's to say.
process.on('SIGINT', () => {});
process.on('uncaughtException', (error) => crash(129, 'Uncaught Exception', error));
process.on('unhandledRejection', (reason) => crash(128, 'Unhandled Promise Rejection', reason));

// On an INIT error the router learns why before the process ends, which is the router's to do.
void startRuntime(channel, process.env).then((started) => {
  if (!started) channel.resume();
});

/** Exit codes as aws-lambda-ric's. */
function crash(code: number, message: string, thrown: unknown): void {
  writeEntry('FATAL', currentRequestId(), [message, thrown]);
  process.exit(code);
}
