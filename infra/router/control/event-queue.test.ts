import assert from 'node:assert/strict';
import { mock, type TestContext, test } from 'node:test';
import { setLogLevel } from '../process/log.ts';
import type { InvocationOutcome } from '../runtime/invocation.ts';
import { EventQueue, type EventQueueOptions } from './event-queue.ts';

const payload = Buffer.from('{"a":1}');
const answered: InvocationOutcome = { type: 'payload', payload: Buffer.from('null') };
const failed: InvocationOutcome = { type: 'error', error: { errorType: 'Error', errorMessage: 'no luck' } };
const throttled: InvocationOutcome = { type: 'throttled' };

/** A function that ends with these outcomes in turn and repeats the last one. `calls` has the time of each call (s). */
function target(outcomes: InvocationOutcome[], reservedConcurrentExecutions = 10) {
  const calls: number[] = [];
  return {
    calls,
    configuration: { reservedConcurrentExecutions },
    async invoke() {
      calls.push(Date.now() / 1000);
      return outcomes[Math.min(calls.length, outcomes.length) - 1] as InvocationOutcome;
    },
  };
}

/** A queue whose clock the test moves, and the lines that it logged. */
function setUp(
  context: TestContext,
  found: ReturnType<typeof target> | undefined,
  options: Partial<EventQueueOptions> = {},
) {
  context.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const lines: Record<string, unknown>[] = [];
  context.mock.method(process.stdout, 'write', (text: string) => lines.push(JSON.parse(text)) > 0);
  const queue = new EventQueue({
    find: () => found,
    retryDelay: 60_000,
    maxAge: 21_600_000,
    maxBytes: 1_000_000,
    maxPayloadBytes: 1000,
    ...options,
  });
  const add = (functionName = 'f') => queue.add({ functionName, requestId: 'r', payload });
  return { queue, add, lines, passSeconds: (seconds: number) => pass(context, seconds) };
}

/** Moves the clock second by second, so that the callback of each timer can set the next timer. */
async function pass({ mock: { timers } }: TestContext, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    timers.tick(1000);
  }
}

setLogLevel('ERROR');

test('an event runs at once and is forgotten when it is answered', async (context) => {
  const found = target([answered]);
  const { queue, add, passSeconds } = setUp(context, found);
  assert.equal(add(), true);
  assert.equal(queue.size, 1);
  await passSeconds(1);
  assert.deepEqual([found.calls, queue.size, queue.received, queue.dropped], [[0], 0, 1, 0]);
});

test('an event that fails is tried again after one minute and after two more, and then given up', async (context) => {
  const found = target([failed]);
  const { queue, add, lines, passSeconds } = setUp(context, found);
  add();
  await passSeconds(1000);
  assert.deepEqual(found.calls, [0, 60, 180]);
  assert.deepEqual([queue.size, queue.dropped], [0, 1]);
  const [{ timestamp: _, ...line } = {}] = lines;
  assert.deepEqual(line, {
    level: 'ERROR',
    message: 'Event is dead',
    function: 'f',
    requestId: 'r',
    condition: 'RetriesExhausted',
    attempts: 3,
    payload: '{"a":1}',
    errorType: 'Error',
    errorMessage: 'no luck',
  });
});

test('an event for a function without room is tried after growing pauses, until it is too old', async (context) => {
  const found = target([throttled]);
  const { add, lines, passSeconds } = setUp(context, found, { maxAge: 1_200_000 });
  add();
  await passSeconds(1300);
  assert.deepEqual(found.calls, [0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 811, 1111]);
  assert.equal(lines[0]?.condition, 'EventAgeExceeded');
  assert.equal(lines[0]?.errorType, 'TooManyRequestsException');
});

test('an attempt without room does not count as a failure', async (context) => {
  const found = target([throttled, failed, throttled, failed, answered]);
  const { queue, add, lines, passSeconds } = setUp(context, found);
  add();
  await passSeconds(300);
  assert.deepEqual([found.calls.length, queue.size, lines.length], [5, 0, 0]);
});

test('an event for a function that is switched off or gone is given up at once', async (context) => {
  const off = setUp(context, target([answered], 0));
  off.add();
  assert.equal(off.lines[0]?.condition, 'ZeroReservedConcurrency');
  const gone = new EventQueue({
    find: () => undefined,
    retryDelay: 1,
    maxAge: 1,
    maxBytes: 10_000,
    maxPayloadBytes: 1,
  });
  gone.add({ functionName: 'f', requestId: 'r', payload });
  assert.equal(off.lines[1]?.condition, 'FunctionNotFound');
});

test('a full queue accepts no event until it has room, and counts what each event takes beside its payload', async (context) => {
  const { add, passSeconds } = setUp(context, target([answered]), { maxBytes: 1000 * payload.length });
  assert.deepEqual([add(), add()], [true, false]);
  await passSeconds(1);
  assert.equal(add(), true);
});

test('a queue that stops gives up the events that wait, waits for those that run, and accepts no more', async (context) => {
  const running = Promise.withResolvers<InvocationOutcome>();
  const { queue, add, lines, passSeconds } = setUp(context, undefined, {
    find: (name) =>
      name === 'slow'
        ? { configuration: { reservedConcurrentExecutions: 1 }, invoke: () => running.promise }
        : target([failed]),
  });
  add('failing');
  add('slow');
  await passSeconds(1);
  const stopped = mock.fn();
  const stopping = queue.stop().then(stopped);
  assert.deepEqual(
    lines.map((line) => [line.function, line.condition]),
    [['failing', 'Undelivered']],
  );
  assert.equal(add(), false);
  await passSeconds(1);
  assert.equal(stopped.mock.callCount(), 0);
  running.resolve(failed);
  await stopping;
  assert.deepEqual([lines[1]?.function, lines[1]?.condition, queue.size], ['slow', 'Undelivered', 0]);
});

test('a large payload is cut in the log, which says its size', async (context) => {
  const { queue, lines } = setUp(context, undefined, { maxBytes: 100_000 });
  queue.add({ functionName: 'f', requestId: 'r', payload: Buffer.from(JSON.stringify('x'.repeat(20_000))) });
  assert.equal(String(lines[0]?.payload).length, 8192);
  assert.equal(lines[0]?.payloadBytes, 20_002);
});

test('an answer whose head is not JSON is a failure of the function', async (context) => {
  const { queue, add, lines, passSeconds } = setUp(
    context,
    target([{ type: 'proxy', head: Buffer.from('no JSON'), body: Buffer.alloc(0) }]),
  );
  add();
  await passSeconds(200);
  assert.deepEqual([lines[0]?.condition, lines[0]?.errorType], ['RetriesExhausted', 'Runtime.MalformedFrame']);
  assert.equal(queue.size, 0);
});
