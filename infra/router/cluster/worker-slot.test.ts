import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { describe, it } from 'node:test';
import { setLogLevel } from '../process/log.ts';
import type { SupervisorMessage, WorkerMessage } from './messages.ts';
import { type WorkerProcess, WorkerSlot } from './worker-slot.ts';

setLogLevel('SILENT');

class FakeProcess extends EventEmitter {
  readonly sent: SupervisorMessage[] = [];
  readonly signals: string[] = [];
  readonly process: WorkerProcess['process'];

  constructor() {
    super();
    this.process = { pid: 1, kill: (signal) => this.signals.push(signal) > 0 };
  }

  send(message: SupervisorMessage): boolean {
    return this.sent.push(message) > 0;
  }

  end(code: number | null, signal: string | null = null): void {
    this.emit('exit', code, signal);
    this.emit('disconnect');
  }
}

function stage({ restartPausesMs = [0] }: { restartPausesMs?: number[] } = {}) {
  const forked = new EventEmitter();
  const processes: FakeProcess[] = [];
  const messages: WorkerMessage[] = [];
  let exits = 0;
  const slot = new WorkerSlot({
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
    restartPausesMs,
  });
  slot.start();
  const next = async () => (await once(forked, 'fork'))[0] as FakeProcess;
  return { slot, processes, messages, next, exits: () => exits, first: processes[0] as FakeProcess };
}

// One after the other: a test replaces the timers and the clock of the whole process.
describe('the slot of a router process', () => {
  it('passes messages on in both directions', () => {
    const { slot, first, messages } = stage();
    assert.equal(slot.send({ type: 'reload' }), true);
    assert.deepEqual(first.sent, [{ type: 'reload' }]);
    first.emit('message', { type: 'request-cluster-snapshot', id: 1 });
    assert.deepEqual(messages, [{ type: 'request-cluster-snapshot', id: 1 }]);
  });

  it('starts another process when one ends, once its last messages are read', async () => {
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

  it('starts another after pauses that grow while processes end early', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
    const { processes } = stage({ restartPausesMs: [0, 100, 300] });
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
    assert.equal(processes.length, length + 1, 'a process that had served is replaced at once');
  });

  it('starts another when one could not be started', async () => {
    const { processes, first, next } = stage();
    const second = next();
    Object.assign(first.process, { pid: undefined });
    first.emit('error', new Error('spawn EAGAIN'));
    await second;
    assert.equal(processes.length, 2);
  });

  it('stays empty once it is stopped', async () => {
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

  it('stops while it has no process', async () => {
    const { slot, first, processes } = stage({ restartPausesMs: [60_000] });
    first.end(1);
    await new Promise(setImmediate);
    await slot.stop(60_000);
    assert.equal(processes.length, 1);
  });
});
