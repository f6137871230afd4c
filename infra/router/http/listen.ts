/** Opens and closes HTTP servers. */
import type { Server, ServerOptions } from 'node:http';
import { type Config, ConfigurationError } from '../config.ts';
import { log } from '../process/log.ts';

/** @returns the options of node:http that all servers of the router have */
export function serverOptions(config: Config): ServerOptions {
  return {
    maxHeaderSize: config.maxHeaderBytes,
    headersTimeout: config.headersTimeoutMs,
    requestTimeout: config.requestTimeoutMs,
    keepAliveTimeout: config.keepAliveTimeoutMs,
    connectionsCheckingInterval: Math.min(1000, config.headersTimeoutMs),
  };
}

/**
 * Listens at an address.
 * @param setting name of the port's setting, for the error
 * @param hostSetting name of the address's setting, for the error
 * @throws ConfigurationError when the server can't listen there
 */
export function listen(
  server: Server,
  port: number,
  host: string,
  setting: string,
  hostSetting = 'HOST',
): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'another program listens there' : error.message;
      reject(
        new ConfigurationError(`can't listen at ${host}:${port} (${why}): set ${hostSetting} or ${setting} to another`),
      );
    };
    server.once('error', refuse);
    server.listen(port, host, () => {
      server.off('error', refuse);
      // One connection could not be accepted, for example because no file descriptor is left. The others go on.
      server.on('error', ({ name, message }) =>
        log.error('The server failed', { errorType: name, errorMessage: message }),
      );
      resolve();
    });
  });
}

/** How often a server that closes looks for idle connections (ms). */
const sweepMs = 50;

/**
 * Takes no more connections. Resolves when the last request is answered.
 * @param graceMs how long requests may take (ms) before they are broken off; without it they may take any time
 */
export function closeServer(server: Server, graceMs?: number): Promise<void> {
  return new Promise((resolve) => {
    if (!server.listening) return resolve();
    const timer = graceMs === undefined ? undefined : setTimeout(() => server.closeAllConnections(), graceMs);
    // A connection that is busy now may become idle, and its response may have promised to keep it open.
    const sweep = setInterval(() => server.closeIdleConnections(), sweepMs);
    server.close(() => {
      clearTimeout(timer);
      clearInterval(sweep);
      resolve();
    });
    server.closeIdleConnections();
  });
}
