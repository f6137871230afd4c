import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Census, type Respondent } from './cluster-metrics.ts';

/** A router process that has counted events. */
class Member implements Respondent {
  received = 0;
  /** undefined: it can't be asked. */
  census: Census | undefined;
  readonly pid: number;

  constructor(pid: number) {
    this.pid = pid;
  }

  askSnapshot(id: number): boolean {
    queueMicrotask(() => this.tell(id));
    return this.census !== undefined;
  }

  tell(id: number): void {
    this.census?.answer(this, id, {
      ...{ processes: [{ pid: this.pid, startedAt: 0 }], cpuSeconds: 0, residentBytes: 0, functions: [] },
      events: { received: this.received, dropped: 0, size: 0 },
    });
  }
}

function stage() {
  const members = [new Member(1), new Member(2)] as const;
  const census = new Census([...members]);
  for (const member of members) member.census = census;
  const take = async () => {
    const { processes, events } = await census.take();
    return { pids: processes.map(({ pid }) => pid), received: events.received };
  };
  return { census, first: members[0], second: members[1], take };
}

describe('the census', { concurrency: true }, () => {
  it('adds up what all tell, the one that asks first', async () => {
    const { first, second, take } = stage();
    first.received = 3;
    second.received = 4;
    assert.deepEqual(await take(), { pids: [process.pid, 1, 2], received: 7 });
  });

  it('keeps what a process had counted that has ended, and adds what its successor counts', async () => {
    const { census, first, second, take } = stage();
    first.received = 3;
    second.received = 4;
    await take();
    census.exited(second);
    second.census = undefined;
    assert.deepEqual(await take(), { pids: [process.pid, 1], received: 7 });
    second.census = census;
    second.received = 1;
    assert.deepEqual(await take(), { pids: [process.pid, 1, 2], received: 8 });
  });

  it('counts a process once that ends while it is asked', async () => {
    const { census, first, second, take } = stage();
    second.received = 4;
    first.askSnapshot = () => true;
    const taken = take();
    await new Promise(setImmediate);
    census.exited(second);
    census.exited(first);
    assert.deepEqual(await taken, { pids: [process.pid], received: 4 });
  });

  it('has the latest answer of one that hangs', async (t) => {
    const { first, second, take } = stage();
    first.received = 3;
    second.received = 4;
    await take();
    t.mock.timers.enable({ apis: ['setTimeout'] });
    second.askSnapshot = () => true;
    const taken = take();
    t.mock.timers.tick(1000);
    assert.deepEqual(await taken, { pids: [process.pid, 1, 2], received: 7 });
  });
});
