import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AstroCookies } from 'astro';
import { type Flash, setFlash, setFlashInBrowser, takeFlash } from './flash.ts';

/** Stands in for Astro's cookies: holds one value by name. */
class Jar {
  kept = new Map<string, string>();
  set(name: string, value: string) {
    this.kept.set(name, value);
  }
  get(name: string) {
    const value = this.kept.get(name);
    return value === undefined ? undefined : { value };
  }
  delete(name: string) {
    this.kept.delete(name);
  }
}

const take = (jar: Jar) => takeFlash(jar as unknown as AstroCookies);

const messages: Flash[] = [
  { kind: 'created', id: 7 },
  { kind: 'saved', id: 1 },
  { kind: 'deleted', count: 2, ids: [7, 9] },
  { kind: 'restored', count: 3 },
  { kind: 'passwordChosen' },
];

test('the next page reads a message that the server stored, once', () => {
  for (const message of messages) {
    const jar = new Jar();
    setFlash(jar as unknown as AstroCookies, message);
    assert.deepEqual(take(jar), message);
    assert.equal(take(jar), undefined);
  }
});

test('the next page reads a message that an island stored', (t) => {
  const page = { cookie: '' };
  Object.assign(globalThis, { document: page });
  t.after(() => Reflect.deleteProperty(globalThis, 'document'));
  for (const message of messages) {
    setFlashInBrowser(message);
    const [, name = '', value = ''] = /^(\w+)=([^;]+); path=\/; max-age=60; samesite=lax$/.exec(page.cookie) ?? [];
    const jar = new Jar();
    jar.set(name, decodeURIComponent(value));
    assert.deepEqual(take(jar), message);
  }
});

test('the ids of many deleted users do not go into the cookie', () => {
  const jar = new Jar();
  const ids = Array.from({ length: 1_000 }, (_, index) => index + 1);
  setFlash(jar as unknown as AstroCookies, { kind: 'deleted', count: 1_000, ids });
  assert.deepEqual(take(jar), { kind: 'deleted', count: 1_000, ids: [] });
});

test('a cookie without a valid message is deleted and shows nothing', () => {
  for (const text of [
    '',
    '{',
    'null',
    '{"kind":"created"}',
    '{"kind":"other","id":1}',
    '{"kind":"deleted","count":"1"}',
  ]) {
    const jar = new Jar();
    jar.set('flash', text);
    assert.equal(take(jar), undefined, text);
    assert.equal(jar.kept.size, 0, text);
  }
});
