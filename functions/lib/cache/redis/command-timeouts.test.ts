import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CommandTimeouts } from './command-timeouts.ts';

const never = new Promise<never>(() => {});
const later = (milliseconds: number) => new Promise<string>((resolve) => setTimeout(resolve, milliseconds, 'reply'));

it('passes replies and errors on that arrive in time', async () => {
  const timeouts = new CommandTimeouts(60_000, assert.fail);
  assert.equal(await timeouts.wait(later(1)), 'reply');
  await assert.rejects(timeouts.wait(Promise.reject(new Error('refused'))), /refused/);
});

it('rejects all pending commands when the oldest has taken too long', async () => {
  let calls = 0;
  const timeouts = new CommandTimeouts(20, () => calls++);
  const commands = [timeouts.wait(never), timeouts.wait(never)];
  for (const command of commands) await assert.rejects(command, { name: 'RedisTimeout' });
  assert.equal(calls, 1);
});

it('does not reject a command whose reply arrived while this process was busy', async () => {
  const timeouts = new CommandTimeouts(20, assert.fail);
  const { port1, port2 } = new MessageChannel();
  const reply = timeouts.wait(new Promise((resolve) => port1.once('message', resolve)));
  port2.postMessage('arrived');
  const end = performance.now() + 60;
  while (performance.now() < end);
  assert.equal(await reply, 'arrived');
  port1.close();
});
