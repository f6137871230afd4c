import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { check } from './checker.ts';
import type { Operation } from './operation.ts';
import { create, database, list, miss, read, remove, replace, seen, unanswered, written } from './sample.ts';

const a1 = seen(1, 1, 'a');
const b2 = seen(1, 2, 'b');
const c3 = seen(1, 3, 'c');

const rulesOf = (operations: readonly Operation[]) => check(operations).map(({ rule }) => rule);
const assertGood = (operations: readonly Operation[]) => assert.deepEqual(check(operations), []);
const assertBroken = (operations: readonly Operation[], ...rules: string[]) =>
  assert.deepEqual([...new Set(rulesOf(operations))].sort(), rules.sort());

describe('check: good histories', () => {
  it('passes an empty one', () => assertGood([]));

  it('passes writes and the reads that follow them', () => {
    assertGood([
      miss([0, 1], 1),
      create([2, 4], 1, 'a'),
      read([5, 6], a1),
      replace([7, 9], 1, 2, 'b'),
      list([10, 11], [b2]),
      remove([12, 14], 1),
      miss([15, 16], 1),
      list([15, 16], []),
      database(20, []),
    ]);
  });

  it('lets a read beside a write see either side of it', () => {
    const change = replace([10, 20], 1, 2, 'b');
    assertGood([create([0, 1], 1, 'a'), change, read([11, 12], a1), database(30, [b2])]);
    assertGood([create([0, 1], 1, 'a'), change, read([11, 12], b2), database(30, [b2])]);
  });

  it('lets an unanswered write take effect late, or never', () => {
    const lost = unanswered(10, { kind: 'replace', id: 1, written: written('b') });
    assertGood([create([0, 1], 1, 'a'), lost, read([20, 21], a1), read([30, 31], b2), database(40, [b2])]);
    assertGood([create([0, 1], 1, 'a'), lost, read([20, 21], a1), database(40, [a1])]);
  });

  it('explains a version that nobody saw by an unanswered write', () => {
    const lost = unanswered(10, { kind: 'replace', id: 1, written: written('b') });
    assertGood([create([0, 1], 1, 'a'), lost, replace([20, 21], 1, 3, 'c'), database(40, [c3])]);
  });

  it('takes the attempts under one key as one write', () => {
    const first = unanswered(0, { kind: 'create', key: 'k', written: written('a') });
    const again = create([10, 12], 1, 'a', { key: 'k' });
    const later = create([30, 32], 1, 'a', { key: 'k' });
    assertGood([first, read([5, 6], a1), again, replace([20, 22], 1, 2, 'b'), later, database(40, [b2])]);
  });

  it('lets a missing user be one that is not created yet', () => {
    assertGood([list([0, 1], []), create([0, 5], 1, 'a'), miss([2, 3], 1), list([4, 5], [a1]), database(9, [a1])]);
  });
});

describe('check: one user', () => {
  it('finds a stale read, and names the write that it contradicts', () => {
    const change = replace([10, 12], 1, 2, 'b');
    const stale = read([13, 14], a1);
    const [violation, ...rest] = check([create([0, 1], 1, 'a'), change, stale, database(20, [b2])]);
    assert.deepEqual(rest, []);
    assert.equal(violation?.rule, 'stale-read');
    assert.equal(violation?.operation, stale);
    assert.equal(violation?.against, change);
  });

  it('finds a read that goes back behind another read, even of a write that nobody answered', () => {
    const lost = unanswered(10, { kind: 'replace', id: 1, written: written('b') });
    assertBroken(
      [create([0, 1], 1, 'a'), lost, read([20, 21], b2), read([22, 23], a1), database(30, [b2])],
      'stale-read',
    );
  });

  it('finds a stale 304 and a stale 412', () => {
    const change = replace([10, 12], 1, 2, 'b');
    const stale: Operation = {
      kind: 'get',
      client: 'c',
      start: 13,
      end: 14,
      outcome: 'ok',
      status: 304,
      id: 1,
      version: 1,
    };
    assertBroken([create([0, 1], 1, 'a'), change, stale, database(20, [b2])], 'stale-read');
    const refused: Operation = { ...stale, kind: 'patch', outcome: 'refused', status: 412, written: written('x') };
    assertBroken([create([0, 1], 1, 'a'), change, refused, database(20, [b2])], 'stale-read');
  });

  it('finds an acknowledged write that is not in the database', () => {
    assertBroken([create([0, 1], 1, 'a'), replace([10, 12], 1, 2, 'b'), database(20, [a1])], 'lost-write');
    assertBroken([create([0, 1], 1, 'a'), database(20, [])], 'lost-write');
  });

  it('finds a 404 of a user that was created', () => {
    assertBroken([create([0, 1], 1, 'a'), miss([2, 3], 1), database(20, [a1])], 'missing-user');
  });

  it('blames a 404 before the delete, not what is written in between', () => {
    const history = [create([0, 1], 1, 'a'), miss([2, 3], 1), replace([4, 5], 1, 2, 'b'), remove([6, 7], 1)];
    assertBroken([...history, database(20, [])], 'missing-user');
  });

  it('finds a deleted user that is read again', () => {
    assertBroken([create([0, 1], 1, 'a'), remove([2, 3], 1), read([4, 5], a1), database(20, [])], 'stale-read');
  });

  it('finds a user that comes back after a 404 though its delete was not answered', () => {
    const lost = unanswered(2, { kind: 'delete', id: 1 });
    assertBroken([create([0, 1], 1, 'a'), lost, miss([4, 5], 1), read([6, 7], a1), database(20, [])], 'stale-read');
  });

  it('finds values that nobody wrote, or that were refused', () => {
    assertBroken(
      [create([0, 1], 1, 'a'), read([2, 3], seen(1, 2, 'x')), database(9, [seen(1, 2, 'x')])],
      'phantom',
      'version-count',
    );
    const refused: Operation = { ...replace([2, 3], 1, 2, 'b'), outcome: 'refused', status: 412, user: undefined };
    assertBroken([create([0, 1], 1, 'a'), refused, database(9, [b2])], 'phantom', 'version-count');
  });

  it('finds a mixed value', () => {
    const mixed = { ...b2, email: 'other@example.com' };
    assertBroken(
      [create([0, 1], 1, 'a'), replace([2, 3], 1, 2, 'b'), read([4, 5], mixed), database(9, [b2])],
      'phantom',
    );
  });

  it('finds a patch that loses the e-mail', () => {
    const nameAlone = { ...written('b'), email: undefined };
    const patched = { ...b2, email: 'lost@example.com' };
    const patch = replace([2, 3], 1, 2, 'b', { kind: 'patch', written: nameAlone, user: patched });
    assertBroken([create([0, 1], 1, 'a'), patch, database(9, [patched])], 'phantom');
  });

  it('finds a write whose condition did not hold', () => {
    const change = replace([10, 12], 1, 3, 'c', { ifMatch: 1 });
    const lost = unanswered(5, { kind: 'replace', id: 1, written: written('b') });
    assert.ok(rulesOf([create([0, 1], 1, 'a'), lost, change, database(20, [c3])]).includes('phantom'));
    const deletion = remove([20, 21], 1, { ifMatch: 1 });
    assertBroken([create([0, 1], 1, 'a'), replace([10, 12], 1, 2, 'b'), deletion, database(30, [])], 'wrong-condition');
  });

  it('finds two writes that made the same version', () => {
    const other = replace([10, 14], 1, 2, 'x');
    assertBroken([create([0, 1], 1, 'a'), replace([10, 12], 1, 2, 'b'), other, database(20, [b2])], 'phantom');
  });

  it('finds more versions than changes', () => {
    assertBroken([create([0, 1], 1, 'a'), replace([10, 12], 1, 3, 'c'), database(20, [c3])], 'version-count');
  });

  it('finds a user that one key created twice, and one deleted twice', () => {
    const again = create([10, 12], 2, 'a', { key: 'k' });
    const users = [a1, seen(2, 1, 'a')];
    assert.ok(rulesOf([create([0, 1], 1, 'a', { key: 'k' }), again, database(20, users)]).includes('made-twice'));
    assertBroken([create([0, 1], 1, 'a'), remove([2, 3], 1), remove([4, 5], 1), database(9, [])], 'deleted-twice');
  });
});

describe('check: lists', () => {
  const two = [create([0, 1], 1, 'a'), create([2, 3], 2, 'p')];
  const p1 = seen(2, 1, 'p');

  it('finds a stale entry', () => {
    const change = replace([10, 12], 1, 2, 'b');
    assert.ok(rulesOf([...two, change, list([13, 14], [a1, p1]), database(20, [b2, p1])]).includes('stale-read'));
  });

  it('does not blame a list for what another one shows wrongly', () => {
    const change = replace([10, 12], 1, 2, 'b');
    const lists = [list([13, 14], [b2, p1]), list([20, 21], [a1, p1])];
    assertBroken([...two, change, ...lists, database(30, [b2, p1])], 'stale-read');
  });

  it('finds a missing entry on a whole list, and between the entries of a page', () => {
    assert.ok(rulesOf([...two, list([13, 14], [a1]), database(20, [a1, p1])]).includes('missing-user'));
    const page = list([13, 14], [a1, seen(3, 1, 'q')], { limit: 2 }, 3);
    assert.ok(
      rulesOf([...two, create([4, 5], 3, 'q'), page, database(20, [a1, p1, seen(3, 1, 'q')])]).includes('missing-user'),
    );
  });

  it('finds an entry that was deleted', () => {
    assert.ok(
      rulesOf([...two, remove([5, 6], 2), list([13, 14], [a1, p1]), database(20, [a1])]).includes('stale-read'),
    );
  });

  it('finds a list that shows two users as they never were at one moment', () => {
    const changes = [replace([10, 12], 1, 2, 'b'), replace([14, 16], 2, 2, 'q')];
    const torn = list([5, 20], [a1, seen(2, 2, 'q')]);
    assertBroken([...two, ...changes, torn, database(30, [b2, seen(2, 2, 'q')])], 'list-torn');
  });

  it('finds a list that lacks a user it has to show beside one that came later', () => {
    const torn = list([0, 20], [p1]);
    assertBroken([...two, torn, database(30, [a1, p1])], 'list-torn');
  });

  it('finds a total that never was', () => {
    const page = list([13, 14], [a1], { limit: 1 }, 5);
    const cut = { ...page, list: page.list && { ...page.list, next: 'more' } };
    assertBroken([...two, cut, database(20, [a1, p1])], 'list-total');
  });

  it('lets a total count a user beside a slow read that begins before it is answered and misses it once it is deleted', () => {
    const page = list([10.5, 11], [a1], { limit: 1 }, 3);
    const cut = { ...page, list: page.list && { ...page.list, next: 'more' } };
    const brief = [create([10, 12], 3, 'q'), miss([11.5, 30], 3), remove([20, 25], 3)];
    assertGood([...two, ...brief, cut, database(40, [a1, p1])]);
  });

  it('finds a search that misses a user', () => {
    assertBroken([...two, list([13, 14], [a1], { q: 'amber' }), database(20, [a1, p1])], 'list-misses');
  });

  it('lets a search miss a user that can have had another name', () => {
    const user = seen(2, 2, 'q', { name: 'birch q' });
    const change = replace([10, 16], 2, 2, 'q', { written: { ...written('q'), name: user.name }, user });
    assertGood([...two, change, list([13, 14], [a1], { q: 'amber' }), database(20, [a1, user])]);
  });

  it('finds a wrong order, a double, and what does not match', () => {
    assertBroken([...two, list([13, 14], [p1, a1]), database(20, [a1, p1])], 'list-shape');
    assertBroken([...two, list([13, 14], [a1, p1], { q: 'birch' }), database(20, [a1, p1])], 'list-shape');
  });
});
