import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseConfig } from '../config.ts';
import { parseFunction } from '../manifest.ts';
import { alone, type Limits, requireShares, shareConfig, shareLimits } from './share.ts';

const places = (count: number) => Array.from({ length: count }, (_, index) => ({ index, count }));
const sum = (numbers: number[]) => numbers.reduce((total, one) => total + one, 0);
const sharesOf = (limits: Partial<Limits>, count: number) =>
  places(count).map((place) =>
    shareLimits({ provisionedConcurrency: 0, reservedConcurrentExecutions: 1000, ...limits }, place),
  );

describe('the share of a router process', { concurrency: true }, () => {
  it('is all of it where there is one', () => {
    const limits = { provisionedConcurrency: 3, reservedConcurrentExecutions: 7 };
    assert.deepEqual(shareLimits(limits, alone), limits);
    const config = parseConfig({});
    assert.deepEqual(shareConfig(config, alone), config);
  });

  it('of reservedConcurrentExecutions makes up the total with the others, and differs by one at most', () => {
    for (const total of [0, 2, 7, 60, 1024]) {
      const shares = sharesOf({ reservedConcurrentExecutions: total }, 2).map(
        (one) => one.reservedConcurrentExecutions,
      );
      assert.equal(sum(shares), total);
      assert.ok(Math.max(...shares) - Math.min(...shares) <= 1);
    }
  });

  it('of provisionedConcurrency is one at least, unless nothing is kept warm', () => {
    const shares = (total: number) =>
      sharesOf({ provisionedConcurrency: total }, 4).map((one) => one.provisionedConcurrency);
    assert.deepEqual(shares(0), [0, 0, 0, 0]);
    assert.deepEqual(shares(1), [1, 1, 1, 1]);
    assert.deepEqual(shares(6), [2, 2, 1, 1]);
  });

  it('of MAX_ENVIRONMENTS and EVENT_QUEUE_BYTES makes up the total with the others', () => {
    const config = parseConfig({ MAX_ENVIRONMENTS: '5', EVENT_QUEUE_BYTES: '100', ROUTER_PROCESSES: '3' });
    const shares = places(3).map((place) => shareConfig(config, place));
    assert.deepEqual(
      shares.map(({ maxEnvironments }) => maxEnvironments),
      [2, 2, 1],
    );
    assert.equal(sum(shares.map(({ eventQueueBytes }) => eventQueueBytes)), 100);
  });

  it('of a limit lower than the number of processes is refused, unless it is 0: off', () => {
    const reserved = (reservedConcurrentExecutions: number) => [
      parseFunction({ name: 'other' }, '/dist'),
      parseFunction({ name: 'f', reservedConcurrentExecutions }, '/dist'),
    ];
    for (const total of [0, 3, 4]) requireShares(reserved(total), { index: 0, count: 3 });
    assert.throws(() => requireShares(reserved(2), { index: 0, count: 3 }), {
      name: 'ConfigurationError',
      message:
        'function.json of f: "reservedConcurrentExecutions" is 2, too few for 3 router processes: ' +
        'set it to 3 or more, or ROUTER_PROCESSES to 2 or less',
    });
  });
});
