import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Patience } from './command-timeouts.ts';

const never = new Promise<never>(() => {});
const later = (milliseconds: number) => new Promise<string>((resolve) => setTimeout(resolve, milliseconds, 'answer'));

it('hands over what comes in time, failures too', async () => {
  const patience = new Patience(50, assert.fail);
  assert.equal(await patience.wait(later(5)), 'answer');
  await assert.rejects(patience.wait(Promise.reject(new Error('refused'))), /refused/);
  await new Promise((resolve) => setTimeout(resolve, 80));
});

it('gives up all that wait when the oldest has waited too long', async () => {
  let timeouts = 0;
  const patience = new Patience(40, () => timeouts++);
  const start = performance.now();
  const first = assert.rejects(patience.wait(never), { name: 'OutOfPatience' });
  await later(20);
  const second = assert.rejects(patience.wait(later(200)), { name: 'OutOfPatience' });
  await Promise.all([first, second]);
  assert.ok(performance.now() - start < 150);
  assert.equal(timeouts, 1);
});

it('does not blame the other side when this process was busy itself', async () => {
  const patience = new Patience(20, assert.fail);
  const { port1, port2 } = new MessageChannel();
  const answer = patience.wait(new Promise((resolve) => port1.once('message', resolve)));
  port2.postMessage('arrived');
  const until = performance.now() + 60;
  while (performance.now() < until);
  assert.equal(await answer, 'arrived');
  port1.close();
});
