/** The command `host` with a debugger, which speaks the protocol of Node's inspector. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startHost } from '../support/host.ts';
import { freePort } from '../support/ports.ts';
import { projectFolder } from '../support/project-folder.ts';

/** A session with a process's inspector. @see https://chromedevtools.github.io/devtools-protocol/v8/ */
class Debugger {
  readonly events = new EventEmitter();
  readonly #socket: WebSocket;
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      const { id, method, params, result, error } = JSON.parse(data);
      if (id === undefined) this.events.emit(method, params);
      else this.events.emit(`reply ${id}`, error ?? result);
    };
  }

  static async attach(address: string): Promise<Debugger> {
    const socket = new WebSocket(address);
    await once(socket, 'open');
    return new Debugger(socket);
  }

  async send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.#lastId;
    const reply = once(this.events, `reply ${id}`);
    this.#socket.send(JSON.stringify({ id, method, params }));
    return (await reply)[0];
  }

  close(): void {
    this.#socket.close();
  }
}

/** @returns the first position of the bundle that stems from a line of a source; lines and columns from 0 */
function generatedPosition(file: string, source: RegExp, line: number): { lineNumber: number; columnNumber: number } {
  const code = readFileSync(file, 'utf8').split('\n');
  const map = new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')));
  for (const [lineNumber, text] of code.entries()) {
    for (let columnNumber = 0; columnNumber < text.length; columnNumber++) {
      const entry = map.findEntry(lineNumber, columnNumber);
      if ('originalSource' in entry && source.test(entry.originalSource) && entry.originalLine === line) {
        return { lineNumber, columnNumber };
      }
    }
  }
  throw new Error(`${file} has nothing of line ${line}`);
}

const handler = (text: string) => `
  interface Answer { statusCode: number; body: string }
  export const handler = async (event: { rawPath: string }): Promise<Answer> => {
    const body: string = event.rawPath + ${JSON.stringify(text)};
    return { statusCode: 200, body };
  };`;

/** Of "const body", counted from 0. */
const breakpointLine = 3;

test('a breakpoint in TypeScript holds a function past every time-out, and a save waits for it', async (t) => {
  const { folder, write } = projectFolder(t, {
    'hello/handler.ts': handler(' first'),
    'hello/function.json': '{"route": "GET /hello", "timeout": 1}',
    'other/handler.ts': 'export const handler = async () => "other";',
  });
  const port = await freePort();
  const { url, printed } = await startHost(t, [folder, '--inspect', `hello=${port}`], {
    env: { INTEGRATION_TIMEOUT_MS: '500', INIT_TIMEOUT_MS: '300000' },
  });
  const [target] = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
    webSocketDebuggerUrl: string;
  }[];
  const session = await Debugger.attach(String(target?.webSocketDebuggerUrl));
  t.after(() => session.close());

  const scripts: { scriptId: string; url: string; sourceMapURL: string }[] = [];
  session.events.on('Debugger.scriptParsed', (script) => scripts.push(script));
  await session.send('Debugger.enable');
  const script = scripts.find(({ url }) => /hello\/\w+\/handler\.js$/.test(url));
  assert.ok(script, JSON.stringify(scripts.map(({ url }) => url).filter((one) => !one.startsWith('node:'))));
  assert.equal(script.sourceMapURL, 'handler.js.map');
  const file = script.url.startsWith('file:') ? fileURLToPath(script.url) : script.url;
  const position = generatedPosition(file, /hello\/handler\.ts$/, breakpointLine);
  await session.send('Debugger.setBreakpoint', { location: { scriptId: script.scriptId, ...position } });

  const paused = once(session.events, 'Debugger.paused');
  const answer = fetch(`${url}/hello`);
  const [{ hitBreakpoints }] = await paused;
  assert.equal(hitBreakpoints.length, 1);
  // Beyond the time-out of the function (1 s) and of the integration (0.5 s).
  await sleep(1500);
  assert.equal(await (await fetch(`${url}/other`)).text(), 'other');
  write({ 'hello/handler.ts': handler(' second') });
  await printed('waits for the invocation in flight');
  const waiting = fetch(`${url}/hello`);
  await session.send('Debugger.resume');
  const response = await answer;
  assert.deepEqual([response.status, await response.text()], [200, '/hello first']);
  assert.equal(await (await waiting).text(), '/hello second');
});
