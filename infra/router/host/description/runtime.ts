/** Maps the runtimes of descriptions to those that the host has. */
import schema from '../../function.schema.json' with { type: 'json' };
import type { Place } from '../project.ts';
import type { Notices } from './notices.ts';

const known = schema.properties.runtime.enum;

/** The result of checking a runtime. */
export type RuntimeChoice = { runtime: string | undefined } | { fault: string };

/**
 * @param runtime of the description, such as "nodejs22.x"; undefined where it names none
 * @param place   of the runtime
 * @param notices gets a line for a version that the host does not have
 * @returns the name for function.json, or why the function can't run
 */
export function chooseRuntime(runtime: unknown, place: Place, notices: Notices): RuntimeChoice {
  if (runtime === undefined || runtime === null) return { runtime: undefined };
  const name = String(runtime);
  if (known.includes(name)) return { runtime: name };
  const version = /^nodejs(\d*)/.exec(name)?.[1];
  if (version === undefined) return { fault: `the host runs Node.js only, and the runtime is ${name}` };
  const nearest = (Number(version) > 18 ? known.at(-1) : known[0]) as string;
  notices.add(place, `functions with the runtime ${name} run as ${nearest}`);
  return { runtime: nearest };
}
