import assert from 'node:assert/strict';
import { test } from 'node:test';
import { en } from '../i18n/en.ts';
import { html } from './html.ts';
import { userRows } from './user-rows.ts';

test('every value is escaped', () => {
  const name = `<b title="x" id='y'>&</b>`;
  assert.equal(html`<p>${name} ${3}</p>`, '<p>&lt;b title=&quot;x&quot; id=&#39;y&#39;&gt;&amp;&lt;/b&gt; 3</p>');
});

test('a row shows its user as text, in every place', () => {
  const user = {
    id: 1234,
    name: '"><script>',
    email: '<i>@x',
    createdAt: '2026-01-02T03:04:05.000Z',
    updatedAt: '',
    version: 2,
  };
  const row = userRows([user], { t: en, timeZone: 'UTC', base: '/users/' });
  assert.doesNotMatch(row, /<script>|<i>/);
  assert.match(row, /href="\/users\/1234"/);
  assert.match(row, /aria-label="Select &quot;&gt;&lt;script&gt;"/);
  assert.match(row, /Jan 2, 2026, 03:04 AM/);
});

test('an unchanged list is rendered once for each language and time zone', () => {
  const users = [
    { id: 1, name: 'A', email: 'a@b.co', createdAt: '2026-01-02T03:04:05.000Z', updatedAt: '', version: 1 },
  ];
  const utc = userRows(users, { t: en, timeZone: 'UTC', base: '/users/' });
  assert.notEqual(userRows(users, { t: en, timeZone: 'Asia/Tokyo', base: '/users/' }), utc);
  assert.equal(userRows(users, { t: en, timeZone: 'UTC', base: '/users/' }), utc);
});
