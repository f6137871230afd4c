/**
 * Shifts the clock of the process that loads it (`node --require`): `Date` is ahead by the milliseconds in the file that
 * FAULTS_CLOCK names. A tool such as libfaketime would shift the clocks of every library too, but few machines have it.
 * `performance.now()` and timers stay, as they do when somebody sets the clock of a machine.
 */
const { openSync, readSync } = require('node:fs');

const RealDate = Date;
// The file stays open, because a run also takes the free file descriptors away.
const file = openSync(process.env.FAULTS_CLOCK, 'r');
const text = Buffer.alloc(16);
let shiftMs = 0;
const readShift = () => {
  shiftMs = Number(text.toString('latin1', 0, readSync(file, text, 0, text.length, 0)));
};
const now = () => RealDate.now() + shiftMs;

readShift();
setInterval(readShift, 20).unref();
globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) => Reflect.construct(target, args.length > 0 ? args : [now()], newTarget),
  apply: () => new RealDate(now()).toString(),
  get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
});
