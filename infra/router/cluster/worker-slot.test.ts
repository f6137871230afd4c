import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { describe, it } from 'node:test';
import { setLogLevel } from '../process/log.ts';
import type { FromRouter, FromSupervisor } from './messages.ts';
import { type RouterProcess, Slot } from './worker-slot.ts';

setLogLevel('SILENT');

class FakeProcess extends EventEmitter {
  readonly sent: FromSupervisor[] = [];
  readonly signals: string[] = [];
  readonly process: RouterProcess['process'];

  constructor() {
    super();
    this.process = { pid: 1, kill: (signal) => this.signals.push(signal) > 0 };
  }

  send(message: FromSupervisor): boolean {
    return this.sent.push(message) > 0;
  }

  end(code: number | null, signal: string | null = null): void {
    this.emit('exit', code, signal);
    this.emit('disconnect');
  }
}

function stage({ pauses = [0] }: { pauses?: number[] } = {}) {
  const forked = new EventEmitter();
  const processes: FakeProcess[] = [];
  const messages: FromRouter[] = [];
  let exits = 0;
  const slot = new Slot({
    index: 0,
    fork() {
      const process = new FakeProcess();
      processes.push(process);
      forked.emit('fork', process);
      return process;
    },
    onMessage: (message) => messages.push(message),
    onExit() {
      exits++;
    },
    pauses,
  });
  slot.start();
  const next = async () => (await once(forked, 'fork'))[0] as FakeProcess;
  return { slot, processes, messages, next, exits: () => exits, first: processes[0] as FakeProcess };
}

describe('the place of a router process', { concurrency: true }, () => {
  it('passes on what it says, and to it what it is told', () => {
    const { slot, first, messages } = stage();
    assert.equal(slot.send({ type: 'reload' }), true);
    assert.deepEqual(first.sent, [{ type: 'reload' }]);
    first.emit('message', { type: 'ask-all', id: 1 });
    assert.deepEqual(messages, [{ type: 'ask-all', id: 1 }]);
  });

  it('gets another when it ends, once its last messages are read', async () => {
    const { slot, first, next, exits } = stage();
    const second = next();
    first.emit('exit', null, 'SIGKILL');
    await null;
    assert.equal(exits(), 0);
    first.emit('disconnect');
    await second;
    assert.equal(exits(), 1);
    slot.send({ type: 'reload' });
    assert.equal(first.sent.length, 0);
    assert.equal((await second).sent.length, 1);
  });

  it('gets another after a pause that grows when it ends again and again', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
    const { processes } = stage({ pauses: [0, 100, 300] });
    const endLast = async () => {
      processes.at(-1)?.end(1);
      await new Promise(setImmediate);
    };
    for (const pause of [100, 300, 300]) {
      const { length } = processes;
      await endLast();
      t.mock.timers.tick(pause - 1);
      assert.equal(processes.length, length);
      t.mock.timers.tick(1);
      assert.equal(processes.length, length + 1);
    }
    t.mock.timers.tick(10_000);
    const { length } = processes;
    await endLast();
    t.mock.timers.tick(0);
    assert.equal(processes.length, length + 1, 'one that had served is replaced at once');
  });

  it('gets another when it could not be started', async () => {
    const { processes, first, next } = stage();
    const second = next();
    Object.assign(first.process, { pid: undefined });
    first.emit('error', new Error('spawn EAGAIN'));
    await second;
    assert.equal(processes.length, 2);
  });

  it('is empty for good when it was told to stop, after what it had in hand', async () => {
    const { slot, first, processes } = stage();
    const stopped = slot.stop(60_000);
    assert.deepEqual(first.signals, ['SIGTERM']);
    first.end(0);
    await stopped;
    assert.equal(slot.send({ type: 'reload' }), false);
    assert.equal(processes.length, 1);
  });

  it('kills a process that does not stop in time', async () => {
    const { slot, first } = stage();
    const stopped = slot.stop(1);
    first.process.kill = (signal) => {
      first.end(null, signal);
      return true;
    };
    await stopped;
  });

  it('stops while none is in it', async () => {
    const { slot, first, processes } = stage({ pauses: [60_000] });
    first.end(1);
    await new Promise(setImmediate);
    await slot.stop(60_000);
    assert.equal(processes.length, 1);
  });
});
