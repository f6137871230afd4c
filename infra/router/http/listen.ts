/** Opens HTTP servers. */
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
