/** Shows the times of a page without other islands in the reader's time zone. */
import { useEffect } from 'preact/hooks';
import { showLocalTimes } from '../lib/browser/local-times.ts';

/** Shows nothing itself. */
export default function LocalTimes() {
  useEffect(showLocalTimes, []);
  return null;
}
