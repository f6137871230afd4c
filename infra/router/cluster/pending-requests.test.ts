import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Questions } from './pending-requests.ts';

describe('a question to another process', { concurrency: true }, () => {
  it('is answered by its id, whatever the order', async () => {
    const questions = new Questions<string>(10_000);
    const ids: number[] = [];
    const asked = Promise.all([0, 1].map(() => questions.ask((id) => ids.push(id) > 0)));
    questions.answer(ids[1] ?? 0, 'second');
    questions.answer(ids[0] ?? 0, 'first');
    assert.deepEqual(await asked, ['first', 'second']);
  });

  it('has no answer when none comes in time, and a late one is of no effect', async () => {
    const questions = new Questions<string>(1);
    const ids: number[] = [];
    assert.equal(await questions.ask((id) => ids.push(id) > 0), undefined);
    questions.answer(ids[0] ?? 0, 'late');
  });

  it('has no answer when the other process is gone', async () => {
    const questions = new Questions<string>(10_000);
    assert.equal(await questions.ask(() => false), undefined);
    const asked = questions.ask(() => true);
    questions.close();
    assert.equal(await asked, undefined);
  });
});
