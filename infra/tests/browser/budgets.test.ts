/** What a page may weigh and how long it may take. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { platform } from 'node:os';
import { before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { describeInBrowser } from '../support/browser.ts';

const kilobyte = 1_000;

/** Loads a page and counts the bytes of JavaScript as they come over the wire. */
async function scriptBytes(page: Page, path: string): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  const scripts = new Set<string>();
  let bytes = 0;
  session.on('Network.responseReceived', ({ requestId, type }) => {
    if (type === 'Script') scripts.add(requestId);
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (scripts.has(requestId)) bytes += encodedDataLength;
  });
  await page.goto(path);
  await page.waitForTimeout(500);
  return bytes;
}

/** Observes largest contentful paint and layout shifts from the first moment on. */
async function observe(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const seen = { paint: 0, shift: 0 };
    Object.assign(window, { seen });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.paint = entry.startTime;
    }).observe({ type: 'largest-contentful-paint', buffered: true });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const shift = entry as PerformanceEntry & { value: number; hadRecentInput: boolean };
        if (!shift.hadRecentInput) seen.shift += shift.value;
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
}

const seen = (page: Page): Promise<{ paint: number; shift: number }> =>
  page.evaluate(() => Reflect.get(window, 'seen'));

describeInBrowser('the budget', (stage) => {
  const paths = ['/create', '/users/1', '/edit', '/import', '/system', '/delete?id=1'];

  before(async () => {
    for (let number = 1; number <= 130; number++) {
      await stage.create(`Budget User ${number}`, `budget.user.${number}@example.com`);
    }
  });

  test('the first answer of the list holds 100 users', async () => {
    const html = await (await fetch(`${stage.site.url}/`)).text();
    assert.equal(html.match(/<tr [^>]*data-id=/g)?.length, 100);
  });

  test('JavaScript: 45 kB compressed on the list', async (t) => {
    const bytes = await scriptBytes(await (await stage.context()).newPage(), '/');
    t.diagnostic(`${bytes} bytes`);
    assert.ok(bytes > 0 && bytes <= 45 * kilobyte, `${bytes} bytes`);
  });

  for (const path of paths) {
    test(`JavaScript: 25 kB compressed on ${path}`, async (t) => {
      const bytes = await scriptBytes(await (await stage.context()).newPage(), path);
      t.diagnostic(`${bytes} bytes`);
      assert.ok(bytes <= 25 * kilobyte, `${bytes} bytes`);
    });
  }

  for (const width of [1280, 360]) {
    test(`nothing shifts while a page loads and comes to life, at ${width} px`, async () => {
      const page = await (await stage.context({ viewport: { width, height: 800 } })).newPage();
      await observe(page);
      for (const path of ['/', '/?limit=25&sort=-id', ...paths]) {
        await page.goto(path);
        await page.waitForTimeout(700);
        assert.equal((await seen(page)).shift, 0, path);
      }
    });
  }

  test('the largest paint of the list comes within a second, with the processor slowed four times', async (t) => {
    // Whatever else this machine is doing only ever adds: the quickest of a few loads is the site's own.
    const paints: number[] = [];
    for (let round = 0; round < 20; round++) {
      const page = await (await stage.context()).newPage();
      const session = await page.context().newCDPSession(page);
      await session.send('Emulation.setCPUThrottlingRate', { rate: 4 });
      await observe(page);
      await page.goto('/');
      await page.waitForTimeout(600);
      paints.push((await seen(page)).paint);
      await page.context().close();
      if (Math.min(...paints) < 1_000) break;
    }
    t.diagnostic(`${paints.map((paint) => paint.toFixed(0)).join(', ')} ms`);
    const best = Math.min(...paints);
    assert.ok(best > 0 && best < 1_000, `${best} ms`);
  });

  const skip = platform() === 'linux' ? false : 'a process’s time is read from /proc';
  test('the list is rendered 300 times in a second of one core', { skip }, async (t) => {
    const load = async (requests: number) => {
      let left = requests;
      const reader = async () => {
        while (left-- > 0) {
          const response = await fetch(`${stage.site.url}/`, { headers: { 'accept-encoding': 'identity' } });
          assert.equal(response.status, 200);
          await response.arrayBuffer();
        }
      };
      await Promise.all(Array.from({ length: 8 }, reader));
    };
    await load(500);
    // The time that the site's process had the processor, so that a busy machine does not count; the best of a few
    // rounds, because on a busy machine the caches are shared too.
    let rate = 0;
    for (let round = 0; round < 12 && rate < 300; round++) {
      const started = processorSeconds(stage.site.process.pid);
      await load(250);
      rate = Math.max(rate, 250 / (processorSeconds(stage.site.process.pid) - started));
    }
    t.diagnostic(`${rate.toFixed(0)} requests in a second of processor time`);
    assert.ok(rate >= 300, `${rate.toFixed(0)}`);
  });
});

/** User and system time of a process, from /proc, in ticks of 10 ms. */
function processorSeconds(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}
