/** A full garbage collection, for a function's process at the end of its start. */
import { runInNewContext } from 'node:vm';

/**
 * Collects all garbage, and gives the memory back to the system. Loading code makes more garbage than most processes make in
 * an hour, and V8 collects it only under load.
 *
 * Node.js offers a collection only with the flag --expose-gc. On the command line the flag would make V8 reject the compiled
 * code that Node.js brings, at 10 ms a start. Set here it is for one new context alone: a handler finds no `gc`, as on Lambda.
 * @see infra/docs/decisions/015-lean-processes.md
 */
export function collectGarbage(): void {
  // Importing node:v8 with the file would take 3 ms of every start.
  process.getBuiltinModule('node:v8').setFlagsFromString('--expose-gc');
  runInNewContext("gc({ type: 'major', flavor: 'last-resort' })");
}
