/** Tests that run functions under the real aws-lambda-ric, which only `npm run ric:install` installs. */
import { join } from 'node:path';
import { type SuiteContext, suite } from 'node:test';
import { locateRic } from '../../router/runtime/locate-ric.ts';
import { skipWithout } from './requirement.ts';

const dist = join(import.meta.dirname, '../../../dist/router');

/** @returns why aws-lambda-ric can't run; undefined when it can */
function whyNoRic(): string | undefined {
  try {
    locateRic(process.env.RIC_PATH, dist);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Declares a suite that needs aws-lambda-ric. Without it the suite is skipped; in continuous integration it fails. */
export function ricSuite(name: string, run: (context: SuiteContext) => void): void {
  suite(name, { skip: skipWithout(whyNoRic()), concurrency: 4 }, run);
}
