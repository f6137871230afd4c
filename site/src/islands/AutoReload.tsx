/** Recovers a page that the API could not serve. */
import { useEffect } from 'preact/hooks';

const retryDelayMs = 2_000;

/** Asks for the page every two seconds and reloads it once the site answers it without a server error. Shows nothing. */
export default function AutoReload() {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const attempt = async () => {
      try {
        const response = await fetch(location.href, { method: 'HEAD' });
        if (response.status < 500 && response.status !== 429) return location.reload();
      } catch {
        // The site itself is down: the next attempt follows all the same.
      }
      timer = setTimeout(attempt, retryDelayMs);
    };
    timer = setTimeout(attempt, retryDelayMs);
    return () => clearTimeout(timer);
  }, []);
  return null;
}
