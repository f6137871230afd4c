/**
 * The router: hosts the functions of a build behind an HTTP API. It starts them, listens, and on SIGTERM or SIGINT lets
 * requests in flight finish before it ends every process. With ROUTER_PROCESSES it is several such routers, and a
 * supervisor that starts the same file again for each.
 */
import cluster from 'node:cluster';
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
  const config = parseConfig(process.env);
  setLogLevel(config.logLevel);
  if (cluster.worker) return runRouterProcess(config, cluster.worker);
  await scheduleAsBatch();
  if (config.processes > 1) await supervise(config);
  else await runAlone(config);
}

async function runAlone(config: Config): Promise<void> {
  const router = new Router(config);
  let stopping = false;
  onStopSignals(() => {
    stopping = true;
    return router.stop();
  });
  // The other functions' INIT goes on beside what the first does, not before: a wrong setting is told once.
  await router.invokeOnStart(() => void router.warm());
  await router.serve();
  if (stopping) return;
  process.on('SIGHUP', () => router.reload());
  log.info(`Listening at http://${config.host}:${router.port}`, {
    functions: router.functions,
    lambdaPort: config.lambdaPort ?? 0,
  });
}
