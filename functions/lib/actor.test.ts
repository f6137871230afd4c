import assert from 'node:assert/strict';
import { it } from 'node:test';
import { actorOf } from './actor.ts';

const anonymous = { kind: 'anonymous', id: null, name: null };
const eventWith = (lambda: unknown) => ({ requestContext: { authorizer: { lambda } } });

it('names the person or the key that the authorizer has recognized', () => {
  const person = eventWith({ actorKind: 'person', actorId: '7', actorName: 'Ana' });
  assert.deepEqual(actorOf(person), { kind: 'person', id: '7', name: 'Ana' });
  const key = eventWith({ actorKind: 'key', actorId: 7, actorName: 'nightly' });
  assert.deepEqual(actorOf(key), { kind: 'key', id: '7', name: 'nightly' });
});

it('takes a caller without an authorizer as anonymous', () => {
  const contexts = [null, undefined, {}, { actorKind: 'root', actorId: '1', actorName: 'Eve' }];
  for (const context of contexts) assert.deepEqual(actorOf(eventWith(context)), anonymous);
  assert.deepEqual(actorOf({}), anonymous);
  assert.deepEqual(actorOf({ requestContext: {} }), anonymous);
});
