import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ClientTurns } from '../../http/client-turns.ts';
import type { Environment } from './environment.ts';
import { isOverloaded } from './overload.ts';

/** A process with 40 events of `busy` that cost 200 ms each. @param pingMs how long it took to answer the last ping */
function busyProcess(pingMs: number) {
  const turns = new ClientTurns<string>();
  for (let event = 0; event < 40; event++) turns.begin('busy');
  turns.push('busy', 'waits');
  const environment = { state: 'ready', hasRoom: true, waitMs: 8000, costMs: 200, pingMs } as Environment;
  return { environments: [environment], turns, runMs: 0, maxWaitMs: 300 };
}

describe('a process with many events of one client', () => {
  it('takes the first event of another client if it still looks at events', () => {
    assert.equal(isOverloaded('other', busyProcess(200)), false);
  });

  it('takes a second event of another client, which may wait for two turns', () => {
    const process = busyProcess(250);
    process.turns.begin('other');
    assert.equal(isOverloaded('other', process), false);
  });

  it('takes an event of another client that one expensive event keeps, though nothing waits in the router', () => {
    const { turns: _, ...process } = busyProcess(700);
    assert.equal(isOverloaded('other', { ...process, turns: new ClientTurns() }), false);
  });

  it('takes no event of another client if it does not look at events', () => {
    assert.equal(isOverloaded('other', busyProcess(8000)), true);
  });

  it('takes no more events of the same client', () => {
    assert.equal(isOverloaded('busy', busyProcess(200)), true);
  });
});
