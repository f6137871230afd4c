/**
 * The router's program: hosts the functions of a build behind an HTTP API. It starts the functions, listens, and lets requests
 * in flight finish at SIGTERM or SIGINT before it ends every process. With ROUTER_PROCESSES above 1 a supervisor starts the
 * program once for each router process.
 */
import cluster from 'node:cluster';
import { surviveLostOutput } from '../http/lost-output.ts';
import { supervise } from './cluster/supervisor.ts';
import { runRouterProcess } from './cluster/worker.ts';
import { type Config, parseConfig } from './config.ts';
import { failureOf } from './process/exit-code.ts';
import { log, setLogLevel } from './process/log.ts';
import { scheduleAsBatch } from './process/scheduling.ts';
import { onStopSignals } from './process/signals.ts';
import { Router } from './router.ts';

run().catch((error) => {
  const { message, exitCode } = failureOf(error);
  process.stderr.write(`cadastro: ${message}\n`);
  process.exit(exitCode);
});

async function run(): Promise<void> {
  surviveLostOutput();
  const config = parseConfig(process.env);
  setLogLevel(config.logLevel);
  if (config.inspectorSignal === 'off') ignoreInspectorSignal();
  if (cluster.worker) await runRouterProcess(config, cluster.worker);
  else if (config.processes > 1) await supervise(config);
  else await runAlone(config);
}

/** Without a listener, Node.js opens its inspector at SIGUSR1, and every process of this user could run code in the router. */
function ignoreInspectorSignal(): void {
  process.on('SIGUSR1', () => log.warn('SIGUSR1 is ignored: set INSPECTOR_SIGNAL=on to debug', {}));
}

async function runAlone(config: Config): Promise<void> {
  const router = new Router(config);
  let stopping = false;
  onStopSignals(
    () => {
      stopping = true;
      return router.stop();
    },
    { maxOutputWaitMs: config.shutdownTimeoutMs },
  );
  // This comes before anything that takes time, because without a listener SIGHUP ends the process.
  process.on('SIGHUP', () => router.reload());
  if (config.scheduling === 'batch') await scheduleAsBatch();
  // The probes answer from here on: /readyz says that the router is starting.
  await router.serveStatus();
  // The other functions start beside the first one that succeeds, not before it: a wrong setting is reported once.
  await router.invokeOnStart(() => void router.warm());
  await router.serve();
  if (stopping) return;
  log.info(`Listening at http://${config.host}:${router.port}`, {
    functions: router.functions,
    lambdaPort: config.lambdaPort ?? 0,
    statusPort: config.statusPort ?? 0,
  });
}
