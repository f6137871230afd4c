/** One router process: the gateway, the Invoke API, the status server and the functions, from their start to their end. */
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { closeServer } from '../http/close-server.ts';
import { type Config, ConfigurationError } from './config.ts';
import { type ControlApi, createControlApi } from './control/control-api.ts';
import { LogTails } from './control/log-tail.ts';
import { Authorizers } from './gateway/authorizers/authorizers.ts';
import { withCommonAuthorizer } from './gateway/authorizers/common-authorizer.ts';
import { createGateway } from './gateway/gateway.ts';
import { RouteTree } from './gateway/route-tree.ts';
import { createLimits } from './http/limits.ts';
import { listen } from './http/listen.ts';
import { type FunctionConfiguration, readManifest } from './manifest.ts';
import { log } from './process/log.ts';
import { readerCatchesUp } from './process/log-reader.ts';
import { FunctionHost } from './runtime/host.ts';
import { inspectedFunctions } from './runtime/inspected.ts';
import { heldOutputRead } from './runtime/process-log.ts';
import { invokeOnStart } from './runtime/run-on-start.ts';
import { onlyWorker, type WorkerIndex } from './runtime/share.ts';
import { updateFunctions } from './runtime/update-functions.ts';
import { Scheduler } from './schedules/scheduler.ts';
import type { RouterSnapshot } from './status/snapshot.ts';
import { createStatusServer, type Phase, type StatusServer } from './status/status-server.ts';

/** Connects a router process with the others of its host. */
export interface RouterOptions {
  /** Index of this router process; undefined without others. */
  worker?: WorkerIndex;
  /** Collects the snapshot of all router processes; gives undefined when it can't. */
  clusterSnapshot?: () => Promise<RouterSnapshot | undefined>;
}

/** A router in one process. */
export class Router {
  readonly #config: Config;
  readonly #onStart: FunctionConfiguration[];
  readonly #served: FunctionConfiguration[];
  readonly #host: FunctionHost;
  readonly #gateway: ReturnType<typeof createGateway>;
  readonly #control: ControlApi;
  readonly #status: StatusServer;
  /** Undefined where schedules don't run, or where another router process runs them. */
  readonly #scheduler: Scheduler | undefined;
  #routes: RouteTree;
  #authorizers: Authorizers;
  #warm: Promise<void> | undefined;
  readonly #serving = Promise.withResolvers<void>();
  /** Settles with the last reload that was asked for. */
  #reloading = this.#serving.promise;
  #phase: Phase = 'starting';

  /** @throws ConfigurationError when there is no build, or the router can't run what the build needs */
  constructor(config: Config, { worker = onlyWorker, clusterSnapshot }: RouterOptions = {}) {
    this.#config = config;
    const functions = this.#readFunctions();
    this.#onStart = functions.filter(({ onStart }) => onStart);
    this.#served = functions.filter(({ onStart }) => !onStart);
    if (this.#served.length === 0) throw new ConfigurationError('the build has no functions: run "npm run build"');
    this.#routes = new RouteTree(this.#served);
    const tails = new LogTails();
    const writeLog = (line: string, requestId: string | undefined) => {
      process.stdout.write(`${line}\n`);
      tails.accept(line, requestId);
      return readerCatchesUp();
    };
    this.#host = new FunctionHost(config, process.env, writeLog, worker);
    this.#host.check(functions);
    this.#authorizers = this.#authorizersOf(this.#routes, this.#served);
    const limits = createLimits(config);
    this.#gateway = createGateway({
      ...{ config, host: this.#host, limits },
      routes: () => this.#routes,
      authorizerOf: (route) => this.#authorizers.of(route),
      isStopping: () => this.#isStopping(),
    });
    this.#control = createControlApi({ config, host: this.#host, limits, tails });
    if (config.runsSchedules && worker.index === 0) this.#scheduler = new Scheduler(this.#control.queue, config);
    this.#status = createStatusServer({
      ...{ config, host: this.#host, limits, queue: this.#control.queue, clusterSnapshot },
      phase: () => this.#phase,
    });
  }

  /** How many functions are served. */
  get functions(): number {
    return this.#served.length;
  }

  /** The port at which the HTTP API listens. */
  get port(): number {
    return (this.#gateway.address() as AddressInfo).port;
  }

  /**
   * Runs the functions with `onStart`, such as the migration, which must run before any router process serves.
   * @param onInit called at each INIT that succeeds; then the settings that functions share are valid
   * @throws ConfigurationError when a function says that a setting is invalid
   * @throws StartError when a function fails otherwise
   */
  async invokeOnStart(onInit?: () => void): Promise<void> {
    for (const configuration of this.#onStart) await invokeOnStart(this.#host, configuration, onInit);
  }

  /** Starts the warm environments of the functions that are served. */
  warm(): Promise<void> {
    if (this.#warm === undefined) {
      for (const configuration of this.#served) this.#host.add(configuration);
      this.#warm = this.#host.warm();
    }
    return this.#warm;
  }

  /** Listens for /status, /metrics and the probes. @throws ConfigurationError when the router can't listen there */
  async serveStatus(): Promise<void> {
    const { statusHost, statusPort } = this.#config;
    if (statusPort !== undefined) {
      await listen(this.#status.server, statusPort, statusHost, 'STATUS_PORT', 'STATUS_HOST');
    }
  }

  /**
   * Listens once the functions are warm, unless the router was stopped meanwhile.
   * @throws ConfigurationError when the router can't listen at an address
   */
  async serve(): Promise<void> {
    const { host, port, lambdaHost, lambdaPort } = this.#config;
    await this.warm();
    if (this.#isStopping()) return;
    await listen(this.#gateway, port, host, 'PORT');
    if (lambdaPort !== undefined) {
      await listen(this.#control.server, lambdaPort, lambdaHost, 'LAMBDA_PORT', 'LAMBDA_HOST');
    }
    if (this.#isStopping()) return;
    this.#phase = 'ready';
    this.#scheduler?.update(this.#served);
    this.#serving.resolve();
  }

  /**
   * Takes a new build (SIGHUP), as soon as the router serves. Reloads run one after the other, because each compares the
   * manifest with what the one before it left.
   */
  reload(): void {
    this.#reloading = this.#reloading.then(() => this.#takeNewBuild());
  }

  async #takeNewBuild(): Promise<void> {
    const begun = Date.now();
    let functions: FunctionConfiguration[];
    let routes: RouteTree;
    let authorizers: Authorizers;
    try {
      const all = this.#readFunctions();
      functions = all.filter(({ onStart }) => !onStart);
      routes = new RouteTree(functions);
      authorizers = this.#authorizersOf(routes, functions);
      this.#host.check(functions);
    } catch (error) {
      log.error('Reload failed, nothing is changed', { errorMessage: (error as Error).message });
      return;
    }
    const { changed, failed } = await updateFunctions(this.#host, functions, this.#config.shutdownTimeoutMs);
    this.#routes = routes;
    this.#authorizers = authorizers;
    this.#scheduler?.update(this.#isStopping() ? [] : functions);
    const milliseconds = Date.now() - begun;
    if (failed > 0) log.error('Reloaded in part: the old code serves where the new does not load', { failed });
    else log.info('Reloaded', { functions: changed, milliseconds });
  }

  /** Takes the snapshot of this process. */
  snapshot(): Promise<RouterSnapshot> {
    return this.#status.snapshot();
  }

  /**
   * Answers requests for DRAIN_DELAY_MS more, while load balancers read from /readyz that the router stops. Then lets
   * requests in flight finish, for SHUTDOWN_TIMEOUT_MS at most, and ends every function's process.
   */
  async stop(): Promise<void> {
    const served = this.#phase === 'ready';
    this.#phase = 'stopping';
    this.#scheduler?.stop();
    const { drainDelayMs, shutdownTimeoutMs } = this.#config;
    if (served) await sleep(drainDelayMs);
    const deadline = performance.now() + shutdownTimeoutMs;
    // Functions end last, because a request that is still arriving is in flight too.
    const servers = [this.#gateway, this.#control.server].map((server) => closeServer(server, shutdownTimeoutMs));
    await Promise.all([...servers, this.#control.stop()]);
    const leftMs = () => Math.max(0, deadline - performance.now());
    await this.#host.stop(leftMs());
    await Promise.race([heldOutputRead(), sleep(leftMs(), undefined, { ref: false })]);
    // The status server ends last, so that /readyz says "stopping" until then.
    await closeServer(this.#status.server, 0);
  }

  /** @throws ConfigurationError when the build and the settings do not go together */
  #readFunctions(): FunctionConfiguration[] {
    const functions = withCommonAuthorizer(readManifest(this.#config.distFolder), this.#config);
    return inspectedFunctions(functions, this.#config);
  }

  #authorizersOf({ routes }: RouteTree, functions: FunctionConfiguration[]): Authorizers {
    const names = functions.map(({ name }) => name);
    return new Authorizers(this.#config, this.#host, routes, names);
  }

  #isStopping(): boolean {
    return this.#phase === 'stopping';
  }
}
