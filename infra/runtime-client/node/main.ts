/**
 * Entry point of a function's process (dist/router/bootstrap.cjs): runs our runtime client on the socket pair that the
 * router put at file descriptor 3. Its one argument is the folder for compiled code.
 */
import { Socket } from 'node:net';
import { collectGarbage } from '../../v8/garbage-collector.ts';
import { writeOutputSynchronously } from '../blocking-output.ts';
import { writeLogEntry } from './console.ts';
import { currentIds, startRuntime } from './runtime.ts';
import { mapStackTraces } from './source-maps.ts';

const [, , cacheFolder] = process.argv;
mapStackTraces();

writeOutputSynchronously();
const channel = new Socket({ fd: 3, readable: true, writable: true });

// Without the router nobody can take an answer.
channel.on('close', () => process.exit(0));
channel.on('error', () => process.exit(0));
// A handler with a listener of its own may need time, and ends the process itself. This one runs the listeners of `exit`.
process.on('SIGTERM', () => {
  if (process.listenerCount('SIGTERM') === 1) process.exit(0);
});
process.on('uncaughtExceptionMonitor', (error, origin) => {
  if (process.listenerCount('uncaughtException') > 0 || process.hasUncaughtExceptionCaptureCallback()) return;
  // Node.js would write the error to stderr, a line of the stack at a time, and end the process with 1.
  const message = origin === 'unhandledRejection' ? 'Unhandled Promise Rejection' : 'Uncaught Exception';
  writeLogEntry('FATAL', currentIds(), message, error);
  process.exit(1);
});

void startRuntime(channel, process.env, { cacheFolder, collectGarbage }).then((started) => {
  // The router has got the error of INIT and ends this process. Until then somebody must read the channel.
  if (!started) channel.resume();
});
