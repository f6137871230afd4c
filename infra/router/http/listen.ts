import type { Server } from 'node:http';
import { ConfigurationError } from '../config.ts';
import { log } from '../process/log.ts';

/**
 * @param setting name of the port's setting, for the error
 * @throws ConfigurationError when the address can't be had
 */
export function listen(server: Server, port: number, host: string, setting: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'another program listens there' : error.message;
      reject(new ConfigurationError(`can't listen at ${host}:${port} (${why}): set HOST or ${setting} to another`));
    };
    server.once('error', refuse);
    server.listen(port, host, () => {
      server.off('error', refuse);
      // One connection could not be accepted, for want of file descriptors; the others go on.
      server.on('error', ({ name, message }) =>
        log.error('The server failed', { errorType: name, errorMessage: message }),
      );
      resolve();
    });
  });
}

/**
 * Takes no more connections; resolves when the last request is answered.
 * @param grace milliseconds after which requests are broken off; unlimited if left out
 */
export function closeServer(server: Server, grace?: number): Promise<void> {
  return new Promise((resolve) => {
    if (!server.listening) return resolve();
    const timer = grace === undefined ? undefined : setTimeout(() => server.closeAllConnections(), grace);
    // Again and again: the answer that a connection is busy with may have promised to keep it.
    const sweep = setInterval(() => server.closeIdleConnections(), 50);
    server.close(() => {
      clearTimeout(timer);
      clearInterval(sweep);
      resolve();
    });
    server.closeIdleConnections();
  });
}
