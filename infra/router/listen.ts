import type { Server } from 'node:http';
import { ConfigurationError } from './config.ts';

/**
 * @param setting name of the port's setting, for the error
 * @throws ConfigurationError when the address can't be had
 */
export function listen(server: Server, port: number, host: string, setting: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'another program listens there' : error.message;
      reject(new ConfigurationError(`can't listen at ${host}:${port} (${why}): set HOST or ${setting} to another`));
    });
    server.listen(port, host, resolve);
  });
}

/** Takes no more connections; resolves when the last request is answered. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    if (!server.listening) return resolve();
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}
