/**
 * Options of Node.js for our processes. The starter of a process passes them: `npm start` and the image start the router,
 * and the router starts the functions.
 * @see infra/docs/decisions/015-lean-processes.md
 */

/**
 * Space for new objects: two halves of 16 MB from the start. By itself V8 begins with 1 MB, so that a start is several
 * collections that find nearly everything alive, and grows under load until each collection costs more than the space saves.
 */
const newSpace = ['--min-semi-space-size=16', '--max-semi-space-size=16'];

/**
 * Options for the router's process. By itself V8 collects everything after each 64 MB of buffers, and the router holds each
 * body in buffers. The second option lets the whole heap's limit count them.
 */
export const routerFlags = [...newSpace, '--external-memory-accounted-in-global-limit'];

/**
 * Options for a function's process. Its thread collects its own garbage: there are more processes than processors, and V8's
 * helper threads would take time from the other processes.
 * @param memorySize limit of the heap (MB), from function.json
 */
export function functionFlags(memorySize: number): string[] {
  return [...newSpace, '--single-threaded-gc', '--v8-pool-size=1', `--max-old-space-size=${memorySize}`];
}
