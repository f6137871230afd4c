import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { type Api, onEveryStack } from './api.ts';

const people = [
  ['Zoë Ångström', 'zoe@example.com'],
  ['ada lovelace', 'ada@example.org'],
  ['Ada King', 'king@example.com'],
  ['Łukasz Żółw', 'lukasz@example.com'],
  ['Ada King', 'another.king@example.com'],
  ['Émilie 100%', 'emilie_x@example.com'],
  ['Émilie du Châtelet', 'emilieyx@example.com'],
] as const;

onEveryStack('lists', (api) => {
  before(async () => {
    for (const [name, email] of people) await api.post({ name, email });
  });

  it('returns all users and their total, from the database and then from the cache', async () => {
    const first = await api.getThroughCache('/users');
    assert.equal(first.headers.get('x-cache'), 'miss');
    assert.equal(first.body.total, people.length);
    assert.equal(first.body.next, null);
    assert.deepEqual(ids(first.body), [1, 2, 3, 4, 5, 6, 7]);
    const second = await api.getHit('/users');
    assert.equal(second.text, first.text);
    assert.equal(second.headers.get('etag'), first.headers.get('etag'));
  });

  it('sorts by each field in both directions, whatever the case and accents', async () => {
    assert.deepEqual(ids((await api.get('/users?sort=name')).body), [3, 5, 2, 6, 7, 4, 1]);
    assert.deepEqual(ids((await api.get('/users?sort=-name')).body), [1, 4, 7, 6, 2, 5, 3]);
    assert.deepEqual(ids((await api.get('/users?sort=email')).body), [2, 5, 6, 7, 3, 4, 1]);
    assert.deepEqual(ids((await api.get('/users?sort=createdAt')).body), [1, 2, 3, 4, 5, 6, 7]);
    assert.deepEqual(ids((await api.get('/users?sort=-id')).body), [7, 6, 5, 4, 3, 2, 1]);
  });

  for (const sort of ['id', '-id', 'name', '-name', 'email', '-email', 'createdAt', '-createdAt']) {
    it(`gives each user once over all pages, sorted by ${sort}`, async () => {
      const all = ids((await api.get(`/users?sort=${sort}`)).body);
      for (const limit of [1, 2, 3]) assert.deepEqual(await paged(api, `sort=${sort}&limit=${limit}`), all);
    });
  }

  it('finds parts of names and e-mails, whatever their case and accents', async () => {
    const found = async (q: string) => ids((await api.get(`/users?q=${encodeURIComponent(q)}`)).body);
    assert.deepEqual(await found('ADA'), [2, 3, 5]);
    assert.deepEqual(await found('angstrom'), [1]);
    assert.deepEqual(await found('zoł'), [4]);
    assert.deepEqual(await found('  ÉMILIE '), [6, 7]);
    assert.deepEqual(await found('example.org'), [2]);
    assert.deepEqual(await found('100%'), [6]);
    assert.deepEqual(await found('emilie_'), [6]);
    assert.deepEqual(await found('nobody'), []);
    assert.deepEqual(await found("' OR 1=1 --"), []);
  });

  it('finds and sorts names as if they had no apostrophe, whichever kind they have', async () => {
    const names = ["Kevin O'Neill", 'Kevin O’Neill', 'Kevin ONeill', 'Luca D‘Angelo', 'Saʿd Luca'];
    const created: number[] = [];
    for (const name of names) created.push((await api.createUser(name)).id);
    const [straight, curly, none, angelo, saad] = created as [number, number, number, number, number];
    const found = async (q: string) => ids((await api.get(`/users?q=${encodeURIComponent(q)}`)).body);
    for (const q of ['oneill', "o'neill", 'O´Neill', 'o ’ neill']) {
      assert.deepEqual(await found(q), [straight, curly, none], q);
    }
    assert.deepEqual(await found('dangelo'), [angelo]);
    assert.deepEqual(await found("luca d'"), [angelo, saad]);
    assert.deepEqual(await found('sad'), [saad]);
    assert.deepEqual(await found("'"), []);
    assert.deepEqual(ids((await api.get('/users?q=kevin&sort=name')).body), [straight, curly, none]);
    for (const id of created) await api.delete(id);
  });

  it('counts all matches on every page', async () => {
    const page = await api.get('/users?q=ada&limit=2&sort=name');
    assert.equal(page.body.total, 3);
    assert.deepEqual(await paged(api, 'q=ada&limit=2&sort=name'), [3, 5, 2]);
    const next = await api.get(`/users?q=ada&limit=2&sort=name&cursor=${page.body.next}`);
    assert.equal(next.body.total, 3);
  });

  it('goes on after a user that was deleted meanwhile', async () => {
    const extra = await api.createUser('Last of all');
    const page = await api.get('/users?sort=-id&limit=1');
    assert.deepEqual(ids(page.body), [extra.id]);
    await api.delete(extra.id);
    assert.deepEqual(ids((await api.get(`/users?sort=-id&limit=1&cursor=${page.body.next}`)).body), [7]);
  });

  it('shows every change at once, on every page', async () => {
    const pages = ['/users', '/users?sort=-id&limit=1', '/users?q=changing', '/users?sort=name&limit=1000'];
    const read = () => Promise.all(pages.map((page) => api.get(page)));
    await read();
    const user = await api.createUser('Changing Person');
    for (const { body } of await read()) assert.ok(ids(body).includes(user.id));
    await api.patch(user.id, { name: 'Changing Personality' });
    for (const { body } of await read()) {
      assert.equal(body.users.find(({ id }: { id: number }) => id === user.id).name, 'Changing Personality');
    }
    await api.delete(user.id);
    for (const { body } of await read()) assert.ok(!ids(body).includes(user.id));
  });

  it('answers 304 to a client that has the list, until a user changes', async () => {
    const { headers } = await api.get('/users?limit=2');
    const condition = { 'if-none-match': headers.get('etag') ?? '' };
    const same = await api.get('/users?limit=2', condition);
    assert.equal(same.status, 304);
    assert.equal(same.text, '');
    const user = await api.createUser();
    const changed = await api.get('/users?limit=2', condition);
    assert.equal(changed.status, 200);
    assert.notEqual(changed.headers.get('etag'), headers.get('etag'));
    await api.delete(user.id);
  });

  it('finds no two users with one e-mail, from the database and then from the cache', async () => {
    const first = await api.getThroughCache('/users/twins');
    assert.deepEqual([first.status, first.body], [200, { twins: [] }]);
    assert.deepEqual((await api.getHit('/users/twins')).body, { twins: [] });
  });
});

function ids({ users }: { users: { id: number }[] }): number[] {
  return users.map(({ id }) => id);
}

/** Follows the cursor from page to page. @returns the ids of all pages in order */
async function paged(api: Api, query: string): Promise<number[]> {
  const found: number[] = [];
  let cursor = '';
  do {
    const { body, status, text } = await api.get(`/users?${query}${cursor && `&cursor=${cursor}`}`);
    assert.equal(status, 200, text);
    found.push(...ids(body));
    cursor = body.next ?? '';
  } while (cursor !== '');
  return found;
}
