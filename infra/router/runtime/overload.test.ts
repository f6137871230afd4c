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

  it('takes no event of another client if it does not look at events', () => {
    assert.equal(isOverloaded('other', busyProcess(8000)), true);
  });

  it('takes no more events of the same client', () => {
    assert.equal(isOverloaded('busy', busyProcess(200)), true);
  });
});
