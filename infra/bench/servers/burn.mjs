/** Work of a fixed cost, for servers that are overloaded on purpose. */

/** CPU time of one request (µs). */
const costMicroseconds = 20_000;

/** Computes until this process has used the CPU time of one request. Other programs on the machine make no difference. */
export function burn() {
  const begun = process.cpuUsage();
  for (;;) {
    const { user, system } = process.cpuUsage(begun);
    if (user + system >= costMicroseconds) return;
  }
}
