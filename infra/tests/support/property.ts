/** Runs property tests: fast-check looks for an input that breaks a property, and shrinks it to the smallest one. */
import fc from 'fast-check';
import { anySeed } from './random.ts';

/** PROPERTY_SEED repeats the inputs of an earlier run; without it every run tries other inputs. */
const seed = Number(process.env.PROPERTY_SEED) || anySeed();
/** PROPERTY_RUNS is for long runs by hand: how many inputs each property gets. The default keeps a file below a second. */
const runs = Number(process.env.PROPERTY_RUNS) || 200;

/**
 * Tries a property on random inputs.
 * @param property what `fc.property` or `fc.asyncProperty` returns; it fails where its predicate throws or returns false
 * @returns a promise to await, also of a synchronous property
 * @throws Error with the smallest input found that breaks the property, and with the seed that repeats the run
 */
export async function holds<Input>(property: fc.IRawProperty<Input>): Promise<void> {
  const result = await fc.check(property, { seed, numRuns: runs });
  if (!result.failed) return;
  const report = await fc.asyncDefaultReportMessage(result as fc.RunDetails<Input>);
  throw new Error(`${report}\nPROPERTY_SEED=${seed} repeats this run.`, { cause: result.errorInstance });
}
