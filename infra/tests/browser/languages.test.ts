/** English and Brazilian Portuguese: a first visit follows the browser, later visits the reader's own choice. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { describeInBrowser, textOf } from '../support/browser.ts';

describeInBrowser('the languages', (fixture) => {
  before(async () => {
    await fixture.create('Língua', 'lingua@example.com');
  });

  test('a browser that prefers Portuguese gets a page that is marked as Portuguese', async () => {
    const page = await fixture.open('/?q=l', { locale: 'pt-BR' });
    assert.equal(new URL(page.url()).pathname, '/pt-br/');
    assert.equal(new URL(page.url()).searchParams.get('q'), 'l');
    assert.equal(await page.locator('html').getAttribute('lang'), 'pt-BR');
    await page.getByRole('heading', { name: 'Usuários' }).waitFor();
    assert.match(await textOf(page.locator('.badge')), /1 usuário/);
  });

  test('any other browser gets English, with dates as its region writes them', async () => {
    const page = await fixture.open('/', { locale: 'de-DE' });
    assert.match(await textOf(page.locator('tbody time').first()), /^\d{1,2} \w+ \d{4}, \d\d:\d\d$/);
    assert.equal(new URL(page.url()).pathname, '/');
    assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  });

  test('the language switch keeps the page and its query, and outranks the browser from then on', async () => {
    const page = await fixture.open('/pt-br/?sort=-name', { locale: 'pt-BR' });
    await page.getByRole('link', { name: 'English' }).click();
    await page.getByRole('heading', { name: 'Users' }).waitFor();
    assert.equal(new URL(page.url()).pathname, '/');
    assert.equal(new URL(page.url()).searchParams.get('sort'), '-name');
    assert.equal(new URL(page.url()).searchParams.get('lang'), null);
    await page.goto('/');
    assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  });

  test('dates and numbers are in the reader’s locale and time zone', async () => {
    const page = await fixture.open('/pt-br/', { locale: 'pt-BR', timezoneId: 'America/Sao_Paulo' });
    const time = page.locator('tbody time').first();
    const iso = (await time.getAttribute('datetime')) ?? '';
    const hour = new Intl.DateTimeFormat('pt-BR', {
      hour: '2-digit',
      minute: '2-digit',
      timeZone: 'America/Sao_Paulo',
    });
    assert.match(await textOf(time), / de .* de \d{4}/);
    assert.ok((await textOf(time)).endsWith(hour.format(new Date(iso))));
    await page.reload();
    assert.ok((await textOf(time)).endsWith(hour.format(new Date(iso))), 'the site knows the zone from now on');
  });

  test('the language in an address counts in any letter case', async () => {
    const page = await fixture.open('/pt-BR/?q=l');
    assert.equal(new URL(page.url()).pathname + new URL(page.url()).search, '/pt-br/?q=l');
    await page.goto('/PT-BR/create');
    assert.equal(new URL(page.url()).pathname, '/pt-br/create');
  });

  test('the page for an unknown address is in the reader’s language', async () => {
    const page = await (await fixture.context()).newPage();
    assert.equal((await page.goto('/pt-br/nada'))?.status(), 404);
    await page.getByText('Não há nenhuma página neste endereço.').waitFor();
    assert.equal((await page.goto('/fr/'))?.status(), 404);
  });
});
