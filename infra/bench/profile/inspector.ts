/** Takes a CPU profile of a running Node.js process through its inspector, so that the process starts as usual. */
import { setTimeout as sleep } from 'node:timers/promises';

/** A Node.js process listens here after SIGUSR1. */
const inspectorUrl = 'http://127.0.0.1:9229/json/list';
const samplingMicroseconds = 200;

/** A function in a profile, as V8 reports it. */
export interface CallFrame {
  functionName: string;
  url: string;
  /** Lines and columns count from zero. */
  lineNumber: number;
  columnNumber: number;
}

/** @see https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile */
export interface CpuProfile {
  nodes: { id: number; callFrame: CallFrame; children?: number[] }[];
  samples: number[];
  /** Microseconds since the previous sample. */
  timeDeltas: number[];
}

/**
 * Profiles a process while some work runs.
 * @param pid of a Node.js process
 */
export async function profileWhile(pid: number, work: () => Promise<unknown>): Promise<CpuProfile> {
  process.kill(pid, 'SIGUSR1');
  const session = new InspectorSession(await findSocket());
  await session.opened;
  try {
    await session.send('Profiler.enable');
    await session.send('Profiler.setSamplingInterval', { interval: samplingMicroseconds });
    await session.send('Profiler.start');
    await work();
    const { profile } = (await session.send('Profiler.stop')) as { profile: CpuProfile };
    return profile;
  } finally {
    // The inspector must close: the next profiled process needs the same port.
    const expression = "setTimeout(() => process.getBuiltinModule('node:inspector').close(), 50)";
    await session.send('Runtime.evaluate', { expression });
    session.close();
    await sleep(200);
  }
}

async function findSocket(): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    try {
      const [target] = (await (await fetch(inspectorUrl)).json()) as { webSocketDebuggerUrl: string }[];
      if (target) return target.webSocketDebuggerUrl;
    } catch (error) {
      if (attempt === 50) throw error;
    }
    await sleep(50);
  }
}

class InspectorSession {
  readonly opened: Promise<unknown>;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #lastId = 0;

  constructor(url: string) {
    this.#socket = new WebSocket(url);
    this.opened = new Promise((resolve, reject) => {
      this.#socket.addEventListener('open', resolve);
      this.#socket.addEventListener('error', () => reject(new Error(`${url} cannot be reached`)));
    });
    this.#socket.addEventListener('message', ({ data }) => {
      const { id, result, error } = JSON.parse(String(data));
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) waiting?.reject(new Error(error.message));
      else waiting?.resolve(result);
    });
  }

  send(method: string, params: object = {}): Promise<unknown> {
    const id = ++this.#lastId;
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(id, answer);
    this.#socket.send(JSON.stringify({ id, method, params }));
    return answer.promise;
  }

  close(): void {
    this.#socket.close();
  }
}
