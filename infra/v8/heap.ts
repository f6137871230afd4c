/**
 * When V8 looks for garbage in all of the heap: less often under load, and once when the start is over. Why is told in
 * infra/docs/decisions/015-lean-processes.md.
 */
import { flushCompileCache } from 'node:module';
import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Milliseconds of idleness before the collection, which takes a few dozen. */
const idleTime = 1000;

/** Milliseconds in which a process loads what it needs at first. */
const startTime = 2000;

/** Bytes for new objects, both halves: what functions get on their command line (runtime/launch.ts). */
const newSpaceSize = 32 * 1024 * 1024;

/**
 * Has the heap grow by so much beyond what lives in it before all of it is looked through. What sockets read counts as
 * heap: by V8's own measure a few MB of it are reason enough, ten times a second under a list's load.
 *
 * Not on the command line, and not before the start is over: V8 takes compiled code only from a process of the same
 * flags. Node's own is compiled without this one, and all of it would be compiled anew at each start.
 *
 * @param percent of what lives: 400 in the router, whose pauses are those of every request; 100 in a function's process
 */
export function growHeapBy(percent: number): void {
  setTimeout(() => setFlagsFromString(`--heap-growing-percent=${percent}`), startTime).unref();
}

/**
 * Keeps the space for new objects from growing past what is enough for a load: under one V8 doubles it again and again,
 * to 128 MB, and holds it from then on. `--max-semi-space-size` would be the flag for it, and is read before any code runs.
 */
export function limitNewSpace(): void {
  let grows = true;
  new PerformanceObserver(() => {
    const { space_size: size = 0 } =
      getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space') ?? {};
    if (grows === size < newSpaceSize) return;
    grows = !grows;
    setFlagsFromString(`--semi-space-growth-factor=${grows ? 2 : 1}`);
  }).observe({ entryTypes: ['gc'] });
}

/**
 * Collects once, as soon as no invocation came for a while: loading code makes more garbage than most processes make in
 * an hour, and V8 sees no reason to look for it in one that has little to do.
 * @param count gives the number of invocations so far, or undefined while one is in hand
 */
export function collectWhenIdle(count: () => number | undefined): void {
  let seen = count();
  const timer = setInterval(() => {
    const now = count();
    if (now !== undefined && now === seen) {
      clearInterval(timer);
      collect();
    }
    seen = now;
  }, idleTime).unref();
}

/** V8 gives `gc` to contexts that are made after the flag is set, so that the handler's code finds none, as on Lambda. */
function collect(): void {
  // The collection drops compiled code, too, which the next process is to find.
  flushCompileCache();
  setFlagsFromString('--expose-gc');
  runInNewContext("gc({ type: 'major', flavor: 'last-resort' })");
}
