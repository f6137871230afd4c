import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseConfig } from '../config.ts';
import { parseFunction } from '../manifest.ts';
import { type Limits, onlyWorker, requireShares, shareConfig, shareLimits } from './share.ts';

const workers = (count: number) => Array.from({ length: count }, (_, index) => ({ index, count }));
const sum = (numbers: number[]) => numbers.reduce((total, one) => total + one, 0);
const sharesOf = (limits: Partial<Limits>, count: number) =>
  workers(count).map((worker) =>
    shareLimits({ provisionedConcurrency: 0, reservedConcurrentExecutions: 1000, ...limits }, worker),
  );

describe('the share of a router process', { concurrency: true }, () => {
  it('is the whole limit where it is the only process', () => {
    const limits = { provisionedConcurrency: 3, reservedConcurrentExecutions: 7 };
    assert.deepEqual(shareLimits(limits, onlyWorker), limits);
    const config = parseConfig({});
    assert.deepEqual(shareConfig(config, onlyWorker), config);
  });

  it('of reservedConcurrentExecutions adds up to the total with the others, and differs by one at most', () => {
    for (const total of [0, 2, 7, 60, 1024]) {
      const shares = sharesOf({ reservedConcurrentExecutions: total }, 2).map(
        (one) => one.reservedConcurrentExecutions,
      );
      assert.equal(sum(shares), total);
      assert.ok(Math.max(...shares) - Math.min(...shares) <= 1);
    }
  });

  it('of provisionedConcurrency is at least 1, unless nothing is kept warm', () => {
    const shares = (total: number) =>
      sharesOf({ provisionedConcurrency: total }, 4).map((one) => one.provisionedConcurrency);
    assert.deepEqual(shares(0), [0, 0, 0, 0]);
    assert.deepEqual(shares(1), [1, 1, 1, 1]);
    assert.deepEqual(shares(6), [2, 2, 1, 1]);
  });

  it('of MAX_ENVIRONMENTS and EVENT_QUEUE_BYTES adds up to the total with the others', () => {
    const config = parseConfig({ MAX_ENVIRONMENTS: '5', EVENT_QUEUE_BYTES: '100', ROUTER_PROCESSES: '3' });
    const shares = workers(3).map((worker) => shareConfig(config, worker));
    assert.deepEqual(
      shares.map(({ maxEnvironments }) => maxEnvironments),
      [2, 2, 1],
    );
    assert.equal(sum(shares.map(({ eventQueueBytes }) => eventQueueBytes)), 100);
  });

  it('of the memory for bodies is enough for one body', () => {
    const config = parseConfig({
      MAX_PAYLOAD_BYTES: '1000000',
      REQUEST_MEMORY_BYTES: '4000000',
      ROUTER_PROCESSES: '8',
    });
    const { requestMemoryBytes, responseMemoryBytes, streamLimit } = shareConfig(config, { index: 7, count: 8 });
    assert.deepEqual([requestMemoryBytes, responseMemoryBytes, streamLimit], [1_000_000, 8 * 1024 * 1024, 32]);
  });

  it('of a limit lower than the number of processes is refused, unless the limit is 0 and switches the function off', () => {
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
