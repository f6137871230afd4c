import { useEffect } from 'preact/hooks';

const delay = 2_000;

/** Loads the page again as soon as it can be had. */
export default function Retry() {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const attempt = async () => {
      try {
        const response = await fetch(location.href, { method: 'HEAD' });
        if (response.status < 500 && response.status !== 429) return location.reload();
      } catch {
        // The site is away too.
      }
      timer = setTimeout(attempt, delay);
    };
    timer = setTimeout(attempt, delay);
    return () => clearTimeout(timer);
  }, []);
  return null;
}
