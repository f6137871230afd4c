/** Shows how many rows a command has worked on. */
import { progressOf } from '../lib/progress.ts';

/** With fewer rows the command ends before anybody could read its progress. */
const shortRows = 10_000;

/**
 * @param total how many rows the work reads, writes and deletes together
 * @param work calls its argument with the number of rows of each step
 */
export async function showRows<T>(total: number, work: (onRows: (rows: number) => void) => Promise<T>): Promise<T> {
  if (total < shortRows) return work(() => {});
  const progress = progressOf(total, 'rows');
  let done = 0;
  progress.start();
  try {
    return await work((rows) => {
      done += rows;
      progress.update(Math.min(done, total));
    });
  } finally {
    progress.stop();
  }
}
