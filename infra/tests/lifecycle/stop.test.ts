/** SIGTERM: requests in flight finish, the log is complete, and no process is left. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { openableGate } from '../support/gate.ts';
import { type Router, startRouter } from '../support/router.ts';
import { environmentIn, gone, json } from './environments.ts';
import { open, parse } from './raw.ts';

const start = (env: Record<string, string> = {}): Promise<Router> => startRouter({ dist: 'dist/fixtures', env });

describe('a router that is told to stop', { concurrency: 4 }, () => {
  it('finishes requests in flight, ends with 0, and leaves no process behind', async (t) => {
    const router = await start();
    const idle = await environmentIn(router, 'echo', 'idle');
    const gate = await openableGate(t);
    const asked = json(fetch(`${router.url}/slow?gate=${gate.url}`));
    await gate.arrived();
    const busy = await environmentIn(router, 'slow', 'busy');
    const stopped = router.stop();
    await router.logged(({ message }) => message === 'Shutting down');
    gate.open();
    assert.equal((await asked).pid, busy.pid);
    assert.equal(await stopped, 0);
    await Promise.all([gone(idle.pid), gone(busy.pid)]);
    await assert.rejects(fetch(`${router.url}/echo`));
  });

  it('finishes streams in flight', async (t) => {
    const router = await start();
    const gate = await openableGate(t);
    const response = await fetch(`${router.url}/stream?chunks=60&size=65536&gate=${gate.url}`);
    const stopped = router.stop();
    await router.logged(({ message }) => message === 'Shutting down');
    gate.open();
    assert.equal((await response.text()).length, 60 * 65_536);
    assert.equal(await stopped, 0);
  });

  it('finishes a request whose body is still arriving', async () => {
    const router = await start();
    const { socket, received, closed } = await open(router.url);
    const sent =
      'POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n';
    socket.write(sent);
    await once(socket, 'data');
    const stopped = router.stop();
    await router.logged(({ message }) => message === 'Shutting down');
    socket.write('hello');
    await closed;
    const [, answer] = parse(received());
    assert.equal(JSON.parse(answer?.body ?? '').event.body, 'hello');
    assert.equal(answer?.headers.connection, 'close');
    assert.equal(await stopped, 0);
  });

  it('writes its whole log before it ends, for a slow reader too', async () => {
    const router = await start();
    router.process.stdout?.pause();
    await json(
      fetch(`${router.controlUrl}/2015-03-31/functions/logs/invocations`, { method: 'POST', body: '{"lines":5000}' }),
    );
    const { pid } = await environmentIn(router, 'echo', 'idle');
    const closed = once(router.process, 'close');
    const stopped = router.stop();
    // The reader goes on only when the functions are gone.
    await gone(pid);
    router.process.stdout?.resume();
    assert.equal(await stopped, 0);
    await closed;
    assert.ok(router.logs.some(({ message }) => message === 'line 5000 é'));
    assert.ok(router.logs.some(({ message }) => message === 'Shutting down'));
  });

  it('does not wait for kept connections', async (t) => {
    const router = await start();
    const agent = new Agent({ keepAlive: true });
    const ask = async (path: string) => {
      const [response] = (await once(get(router.url + path, { agent }), 'response')) as [IncomingMessage];
      return [response.headers.connection, await text(response)];
    };
    assert.equal((await ask('/echo'))[0], 'keep-alive');
    const gate = await openableGate(t);
    const last = ask(`/slow?gate=${gate.url}`);
    await gate.arrived();
    const stopped = router.stop();
    await router.logged(({ message }) => message === 'Shutting down');
    gate.open();
    assert.equal((await last)[0], 'close');
    assert.equal(await stopped, 0);
  });

  it('breaks off requests that take longer than SHUTDOWN_TIMEOUT_MS', async (t) => {
    const router = await start({ SHUTDOWN_TIMEOUT_MS: '200' });
    const gate = await openableGate(t);
    const asked = assert.rejects(fetch(`${router.url}/slow?gate=${gate.url}`));
    const { pid } = await environmentIn(router, 'slow', 'busy');
    assert.equal(await router.stop(), 0);
    await Promise.all([asked, gone(pid)]);
  });

  it('stops while a function starts', async () => {
    const router = await start({ SHUTDOWN_TIMEOUT_MS: '200' });
    const asked = assert.rejects(fetch(`${router.url}/init-slow`));
    const { pid } = await environmentIn(router, 'init-slow', 'starting');
    assert.equal(await router.stop(), 0);
    await Promise.all([asked, gone(pid)]);
  });
});
