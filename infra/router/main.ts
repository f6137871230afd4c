/**
 * The router: hosts the functions of a build behind an HTTP API. It starts them, listens, and on SIGTERM or SIGINT lets
 * requests in flight finish before it ends every process.
 */
import type { AddressInfo } from 'node:net';
import { ConfigurationError, parseConfig } from './config.ts';
import { LogTails } from './control/log-tail.ts';
import { createControl } from './control/server.ts';
import { collectWhenIdle } from './garbage.ts';
import { Routes } from './gateway/routes.ts';
import { createGateway } from './gateway/server.ts';
import { closeServer, listen } from './listen.ts';
import { log, setLogLevel } from './log.ts';
import { readManifest } from './manifest.ts';
import { reload } from './reload.ts';
import { FunctionHost } from './runtime/host.ts';
import { invokeOnStart } from './start.ts';

try {
  await run();
} catch (error) {
  const { name, message, stack } = error as Error;
  const expected = name === 'ConfigurationError' || name === 'StartError';
  process.stderr.write(`cadastro: ${expected ? message : stack}\n`);
  process.exit(name === 'ConfigurationError' ? 2 : 1);
}

async function run(): Promise<void> {
  const config = parseConfig(process.env);
  setLogLevel(config.logLevel);
  const functions = readManifest(config.distFolder);
  const served = functions.filter(({ onStart }) => !onStart);
  if (served.length === 0) throw new ConfigurationError('the build has no functions: run "npm run build"');
  let routes = new Routes(served);
  const tails = new LogTails();
  const host = new FunctionHost(config, process.env, (line, requestId) => {
    process.stdout.write(`${line}\n`);
    tails.accept(line, requestId);
  });
  host.requireRuntimes(functions);
  const gateway = createGateway({ config, host, routes: () => routes });
  const control = createControl({ config, host, tails });

  let stoppingSince: number | undefined;
  const stop = async (signal: string): Promise<void> => {
    if (stoppingSince !== undefined) {
      // Ctrl-C can reach us twice, from the terminal and from the script that started us; one that comes later means it.
      if (Date.now() - stoppingSince > 1000) process.exit(1);
      return;
    }
    stoppingSince = Date.now();
    log.info('Shutting down', { signal });
    const deadline = stoppingSince + config.shutdownTimeout;
    // Functions last: requests that are still arriving are in flight too.
    const servers = [gateway, control.server].map((server) => closeServer(server, config.shutdownTimeout));
    await Promise.all([...servers, control.stop()]);
    await host.stop(Math.max(0, deadline - Date.now()));
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => void stop(signal));

  for (const configuration of functions.filter(({ onStart }) => onStart)) await invokeOnStart(host, configuration);
  for (const configuration of served) host.add(configuration);
  await host.warm();
  if (stoppingSince !== undefined) return;

  await listen(gateway, config.port, config.host, 'PORT');
  if (config.lambdaPort !== undefined) await listen(control.server, config.lambdaPort, config.host, 'LAMBDA_PORT');
  let reloading = Promise.resolve();
  process.on('SIGHUP', () => {
    // One after the other: each compares the manifest with what the one before it has made.
    reloading = reloading.then(async () => {
      routes = await reload(config, host, routes);
    });
  });
  collectWhenIdle(() => host.idleAfter);
  const { port } = gateway.address() as AddressInfo;
  log.info(`Listening at http://${config.host}:${port}`, {
    functions: served.length,
    lambdaPort: config.lambdaPort ?? 0,
  });
}
