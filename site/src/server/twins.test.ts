import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UserTwins } from '../lib/api-types.ts';
import { TwinsNotice } from './twins.ts';

const user = { id: 1, name: 'Ana', email: 'ana@example.com', createdAt: '', updatedAt: '', version: 1 };
const minute = 60_000;

test('the list asks for twins in the background, every minute while there are some and seldom otherwise', async () => {
  let twins: UserTwins['twins'] | undefined;
  let requests = 0;
  const api = {
    twins: async () => {
      requests++;
      if (twins === undefined) return { ok: false as const, failure: { kind: 'slow' as const } };
      return { ok: true as const, answer: { body: { twins }, status: 200, headers: new Headers(), milliseconds: 1 } };
    },
  };
  const notice = new TwinsNotice();
  const readTwice = async (now: number) => {
    notice.read(api, now);
    await new Promise(setImmediate);
    return notice.read(api, now);
  };
  assert.equal(await readTwice(1), false);
  twins = [[user, user]];
  assert.equal(await readTwice(minute / 2), false);
  assert.equal(await readTwice(2 * minute), true);
  twins = [];
  assert.equal(await readTwice(4 * minute), false);
  twins = [[user, user]];
  assert.equal(await readTwice(30 * minute), false);
  assert.equal(requests, 3);
  assert.equal(await readTwice(90 * minute), true);
});
