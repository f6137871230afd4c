/** The view that a process has of the cache's state, on a clock that each test sets. */
import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import type { Connection, Engine } from '../database/engine.ts';
import { CacheState } from './cache-state.ts';

/** A state whose queries a test answers one by one. */
function setUp(t: TestContext) {
  const clock = { ms: 1000 };
  t.mock.method(performance, 'now', () => clock.ms);
  const queries: PromiseWithResolvers<object>[] = [];
  const engine = {
    use(work: (connection: Connection) => unknown) {
      const query = Promise.withResolvers<object>();
      queries.push(query);
      return work({ identity: "''", get: () => query.promise } as unknown as Connection);
    },
  };
  const state = new CacheState(engine as unknown as Engine);
  const answer = (epoch: string) => queries.at(-1)?.resolve({ epoch, instance: 'one', origin: '', identity: '' });
  /** @returns the epochs that the promises of rows give */
  const epochs = async (...rows: ReturnType<CacheState['current']>[]) =>
    (await Promise.all(rows)).map(({ epoch }) => epoch);
  return { clock, state, queries, answer, epochs };
}

it('requests that come while the state is read share one query', async (t) => {
  const { state, queries, answer, epochs, clock } = setUp(t);
  const first = state.current();
  clock.ms += 99;
  const second = state.current();
  answer('a');
  assert.deepEqual(await epochs(first, second), ['a', 'a']);
  assert.equal(queries.length, 1);
});

it('a query that has run for longer than a view may be used is not shared', async (t) => {
  const { state, queries, answer, epochs, clock } = setUp(t);
  void state.current();
  clock.ms += 100;
  const second = state.current();
  answer('b');
  assert.deepEqual(await epochs(second), ['b']);
  assert.equal(queries.length, 2);
});

it('requests use a view while the next one is read, until the view expires', async (t) => {
  const { state, queries, answer, epochs, clock } = setUp(t);
  const first = state.current();
  answer('a');
  await first;
  clock.ms += 99;
  assert.deepEqual(await epochs(state.current(), state.current()), ['a', 'a']);
  assert.equal(queries.length, 2);
  clock.ms += 1;
  const expired = state.current();
  assert.equal(queries.length, 2);
  answer('b');
  assert.deepEqual(await epochs(expired, state.current()), ['b', 'b']);
});

it('a process uses its view while the database cannot be reached, and then fails', async (t) => {
  const { state, queries, answer, epochs, clock } = setUp(t);
  const first = state.current();
  answer('a');
  await first;
  clock.ms += 99;
  assert.deepEqual(await epochs(state.current()), ['a']);
  queries.at(-1)?.reject(new Error('no database'));
  await new Promise(setImmediate);
  clock.ms += 1;
  const expired = state.current();
  queries.at(-1)?.reject(new Error('no database'));
  await assert.rejects(async () => expired, /no database/);
  assert.equal(queries.length, 3);
});

it('a process that was frozen shares no query from before', async (t) => {
  const { state, queries, answer, epochs } = setUp(t);
  void state.current();
  state.forget();
  const second = state.current();
  answer('b');
  assert.deepEqual(await epochs(second), ['b']);
  assert.equal(queries.length, 2);
});
