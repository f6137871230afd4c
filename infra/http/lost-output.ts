/** Keeps servers alive that can't write their output: the start script, the router, the host and the site. */

/**
 * Lets the process go on when nobody reads its output any more, or when the disk of its log is full. Lines are lost then, and
 * written again as soon as there is room. Without it the first such line would end the process.
 */
export function surviveLostOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}
