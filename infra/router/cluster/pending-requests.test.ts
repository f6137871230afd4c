import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PendingRequests } from './pending-requests.ts';

/** Longer than any test takes. */
const longMs = 600_000;

describe('a request to another process', { concurrency: true }, () => {
  it('gets the response with its id, in whatever order the responses come', async () => {
    const requests = new PendingRequests<string>(longMs);
    const ids: number[] = [];
    const responses = Promise.all([0, 1].map(() => requests.request((id) => ids.push(id) > 0)));
    requests.resolve(ids[1] ?? 0, 'second');
    requests.resolve(ids[0] ?? 0, 'first');
    assert.deepEqual(await responses, ['first', 'second']);
  });

  it('gets no response when none comes in time, and a late one has no effect', async () => {
    const requests = new PendingRequests<string>(1);
    const ids: number[] = [];
    assert.equal(await requests.request((id) => ids.push(id) > 0), undefined);
    requests.resolve(ids[0] ?? 0, 'late');
  });

  it('gets no response when the other process is gone', async () => {
    const requests = new PendingRequests<string>(longMs);
    assert.equal(await requests.request(() => false), undefined);
    const response = requests.request(() => true);
    requests.cancelAll();
    assert.equal(await response, undefined);
  });
});
