/** The progress bar of an import that runs on the site's server. */
import { useEffect, useState } from 'preact/hooks';

const pollIntervalMs = 1_000;
/** A site that hangs must not keep the page from asking again. */
const timeoutMs = 10_000;

/** How far a step of an import is. */
export interface ImportProgressState {
  done: number;
  total: number;
  /** The figures in words, or what the import waits for. */
  text: string;
  hasEnded?: boolean;
}

interface Props {
  /** Where to ask for the progress. */
  address: string;
  /** The name of the bar for screen readers. */
  label: string;
  progress: ImportProgressState;
  /** The sentence to show while the site does not answer. */
  away: string;
  /** The sentence and the link to show at the end. Without them the page is loaded again. */
  end?: { text: string; link: string; address: string };
}

/** Shows how far the import is, and asks for it once a second. It says when the site is out of reach, and goes on later. Without JavaScript the bar shows the state of the page load. */
export default function ImportProgress({ address, label, progress: first, away, end }: Props) {
  const [progress, setProgress] = useState(first);
  const [isAway, setAway] = useState(false);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const poll = async () => {
      try {
        const response = await fetch(address, { signal: AbortSignal.timeout(timeoutMs) });
        // The page leads to the sign-in page when the session has ended.
        if (response.status === 401 || response.status === 403) return location.reload();
        const isGone = response.status === 404;
        const next: ImportProgressState | undefined = response.ok ? await response.json() : undefined;
        if ((isGone || next?.hasEnded) && !end) return location.reload();
        if (next) setProgress(next);
        setAway(!next);
        if (isGone || next?.hasEnded) return;
      } catch {
        setAway(true);
      }
      timer = setTimeout(poll, pollIntervalMs);
    };
    timer = setTimeout(poll, pollIntervalMs);
    return () => clearTimeout(timer);
  }, []);

  if (progress.hasEnded && end) {
    return (
      <p class="progress" role="status">
        {end.text} <a href={end.address}>{end.link}</a>
      </p>
    );
  }
  return (
    <p class="progress">
      <progress value={progress.done} max={Math.max(1, progress.total)} aria-label={label} />
      <span class="quiet">{progress.text}</span>
      <span class="away" role="status">
        {isAway && away}
      </span>
    </p>
  );
}
