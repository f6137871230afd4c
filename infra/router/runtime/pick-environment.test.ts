import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { describe, it, mock } from 'node:test';
import type { Environment } from './environment.ts';
import { pickEnvironment, roomToWork, shortRunMs } from './pick-environment.ts';

const processors = availableParallelism();
// On a slow machine an invocation of these tests would otherwise become a long one.
mock.method(performance, 'now', () => 1000);

function environment(state: Partial<Environment> = {}): Environment {
  const idle = {
    maxConcurrency: 1,
    inFlight: 0,
    resting: false,
    invokedAt: 0,
    activeShare: 1,
    hasRoom: true,
    waitMs: 0,
  };
  return { ...idle, ...state } as Environment;
}

function busy(state: Partial<Environment> = {}): Environment {
  return environment({ inFlight: 1, hasRoom: false, invokedAt: performance.now(), ...state });
}

const many = (state?: Partial<Environment>) => Array.from({ length: processors }, () => busy(state));

describe('the environment for one more invocation', { concurrency: true }, () => {
  it('is none while as many environments as there are processors compute', () => {
    assert.equal(pickEnvironment([...many(), environment()]), undefined);
  });

  it('is the first idle one while a processor has none to compute for', () => {
    const idle = environment();
    assert.equal(pickEnvironment([...many().slice(1), idle, environment()]), idle);
  });

  it('is an idle one while those at work mostly wait', () => {
    const idle = environment({ activeShare: 0.1 });
    assert.equal(pickEnvironment([...many({ activeShare: 0.1 }), idle]), idle);
    assert.equal(roomToWork(many({ activeShare: 0.25 })), 4 * processors - processors);
  });

  it('is an idle one while it is unknown whether they compute', () => {
    const idle = environment({ activeShare: undefined });
    assert.equal(pickEnvironment([...many({ activeShare: undefined }), idle]), idle);
  });

  it('is an idle one when an invocation turns out to be long', () => {
    const idle = environment();
    const long = busy({ invokedAt: performance.now() - shortRunMs });
    assert.equal(pickEnvironment([...many().slice(1), long, idle]), idle);
  });

  it('is not an idle one when another has just answered, and takes the next event in the same turn', () => {
    const resting = environment({ resting: true, hasRoom: false });
    assert.equal(pickEnvironment([...many().slice(1), resting, environment()]), undefined);
  });

  it('is the one with the shortest wait where environments take several at once', () => {
    const [longer, shorter] = [5, 4].map((waitMs) => busy({ maxConcurrency: 8, hasRoom: true, waitMs }));
    assert.equal(
      pickEnvironment([...many({ maxConcurrency: 8 }), longer as Environment, shorter as Environment]),
      shorter,
    );
  });
});
