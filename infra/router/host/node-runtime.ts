/** The version of Node.js that a function's setting `runtime` names. */

/** That of the default of `runtime`. */
const defaultMajor = 24;

/** @param runtime such as "nodejs20.x"; undefined where the function names none */
export function nodeMajorOf(runtime: unknown): number {
  return Number(/^nodejs(\d+)\.x$/.exec(String(runtime))?.[1] ?? defaultMajor);
}
