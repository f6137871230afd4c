/** A CPU profile of a running Node.js process, through its inspector: nothing about how it was started changes. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Where a process listens after SIGUSR1. */
const address = 'http://127.0.0.1:9229/json/list';
const samplingMicroseconds = 200;

export interface CallFrame {
  functionName: string;
  url: string;
  /** From zero. */
  lineNumber: number;
  columnNumber: number;
}

export interface CpuProfile {
  nodes: { id: number; callFrame: CallFrame; children?: number[] }[];
  samples: number[];
  /** Microseconds since the sample before. */
  timeDeltas: number[];
}

/** @returns the profile of a process while some work runs */
export async function profileWhile(pid: number, work: () => Promise<unknown>): Promise<CpuProfile> {
  process.kill(pid, 'SIGUSR1');
  const session = new Session(await findSocket());
  await session.opened;
  try {
    await session.send('Profiler.enable');
    await session.send('Profiler.setSamplingInterval', { interval: samplingMicroseconds });
    await session.send('Profiler.start');
    await work();
    const { profile } = (await session.send('Profiler.stop')) as { profile: CpuProfile };
    return profile;
  } finally {
    // The next process needs the port.
    const expression = "setTimeout(() => process.getBuiltinModule('node:inspector').close(), 50)";
    await session.send('Runtime.evaluate', { expression });
    session.close();
    await sleep(200);
  }
}

async function findSocket(): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    try {
      const [target] = (await (await fetch(address)).json()) as { webSocketDebuggerUrl: string }[];
      if (target) return target.webSocketDebuggerUrl;
    } catch (error) {
      if (attempt === 50) throw error;
    }
    await sleep(50);
  }
}

class Session {
  readonly opened: Promise<unknown>;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #lastId = 0;

  constructor(url: string) {
    this.#socket = new WebSocket(url);
    this.opened = new Promise((resolve, reject) => {
      this.#socket.addEventListener('open', resolve);
      this.#socket.addEventListener('error', () => reject(new Error(`${url} can't be reached`)));
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
