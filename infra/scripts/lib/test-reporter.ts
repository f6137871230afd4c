/**
 * Reporter for node:test: a line for each file that is done, each failure as a whole when it happens, and one line at
 * the end. The output of a file's tests appears only if the file fails. The runner loads this module (--test-reporter).
 * @see https://nodejs.org/docs/latest-v24.x/api/test.html#custom-reporters
 */
import { join, resolve } from 'node:path';
import type { TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';

type Failure = Extract<TestEvent, { type: 'test:fail' }>['data'];

const root = join(import.meta.dirname, '../../..');

/** Prefix of the line that the reporter prints for each failure, so that a reader can search for it. */
const failureMark = '✖';

export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const failures: string[] = [];
  /** How many tests and suites were skipped, by reason. A skipped suite counts as one; the runner does not count it. */
  const skips = new Map<string, number>();
  /** Output of the tests, by file. */
  const outputs = new Map<string, string>();
  for await (const { type, data } of events) {
    if (type === 'test:fail') {
      if (isOnlyParent(data) || data.todo !== undefined) continue;
      failures.push(placeOf(data));
      yield outputs.get(data.file ?? '') ?? '';
      outputs.delete(data.file ?? '');
      yield `\n${failureMark} ${placeOf(data)}\n${inspect(data.details.error.cause ?? data.details.error)}\n\n`;
    } else if (type === 'test:pass' && data.skip !== undefined) {
      const reason = typeof data.skip === 'string' ? data.skip : 'without a reason';
      skips.set(reason, (skips.get(reason) ?? 0) + 1);
    } else if (type === 'test:stdout' || type === 'test:stderr') {
      // The runner names files here as on its command line, and elsewhere by their absolute path.
      const file = resolve(data.file);
      outputs.set(file, (outputs.get(file) ?? '') + data.message);
    } else if (type === 'test:diagnostic' && data.file) {
      yield `${data.message}\n`;
    } else if (type === 'test:coverage') {
      const { coveredLinePercent, coveredBranchPercent, coveredFunctionPercent } = data.summary.totals;
      const [lines, branches, functions] = [coveredLinePercent, coveredBranchPercent, coveredFunctionPercent];
      yield `Coverage: ${percent(lines)} of lines, ${percent(branches)} of branches, ${percent(functions)} of functions\n`;
    } else if (type === 'test:summary') {
      const { counts, duration_ms: milliseconds, file } = data;
      const seconds = `${(milliseconds / 1000).toFixed(1)} s`;
      if (file) {
        if (!data.success) yield outputs.get(file) ?? '';
        yield `${relative(file)}: ${countsOf(counts, counts.skipped)} in ${seconds}\n`;
        continue;
      }
      for (const [reason, count] of skips) yield `Skipped ${count}: ${reason}\n`;
      if (failures.length > 0) yield `\nFailed:\n${failures.map((one) => `${failureMark} ${one}\n`).join('')}\n`;
      const skipped = [...skips.values()].reduce((sum, count) => sum + count, 0);
      yield `${countsOf(counts, skipped)} in ${seconds}\n`;
    }
  }
}

/** @returns whether a suite or a file failed only because of its tests, which the reporter has printed already */
function isOnlyParent({ details }: Failure): boolean {
  return (details.error as { failureType?: string }).failureType === 'subtestsFailed';
}

function placeOf({ file, line, name }: Failure): string {
  return file ? `${relative(file)}:${line} ${name}` : name;
}

function countsOf({ passed, failed, cancelled }: Record<string, number>, skipped = 0): string {
  return `${passed} passed, ${(failed ?? 0) + (cancelled ?? 0)} failed, ${skipped} skipped`;
}

function relative(file: string): string {
  return file.replace(`${root}/`, '');
}

function percent(share: number): string {
  return `${share.toFixed(1)} %`;
}
