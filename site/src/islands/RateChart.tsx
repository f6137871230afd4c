/** Reads the System page again and again, and draws how many invocations a second that makes. */
import { useEffect, useState } from 'preact/hooks';
import { fill, formatNumber } from '../i18n/text.ts';
import { showLocalTimes } from '../lib/browser/local-times.ts';
import { show } from '../lib/browser/navigation.ts';

interface Props {
  locale: string;
  label: string;
  /** The newest rate in words, with a place for it. */
  now: string;
}

interface Sample {
  at: number;
  invocations: number;
}

const every = 2_000;
const most = 60;
const width = 240;
const height = 34;

export default function RateChart({ locale, label, now }: Props) {
  const [rates, setRates] = useState<number[]>([]);

  useEffect(showLocalTimes, []);
  useEffect(() => {
    let last = readSample();
    let timer: ReturnType<typeof setTimeout>;
    const read = async () => {
      if (!document.hidden && (await show(location.href, 'refresh'))) {
        const sample = readSample();
        const rate = last && sample ? rateBetween(last, sample) : undefined;
        if (rate !== undefined) setRates((before) => [...before, rate].slice(-most));
        last = sample;
      }
      timer = setTimeout(read, every);
    };
    timer = setTimeout(read, every);
    return () => clearTimeout(timer);
  }, []);

  const top = Math.max(1, ...rates);
  const points = rates.map((rate, index) => {
    const x = width - (rates.length - 1 - index) * (width / (most - 1));
    return `${x.toFixed(1)} ${(height - 1 - (rate / top) * (height - 4)).toFixed(1)}`;
  });
  const newest = rates.at(-1);

  return (
    <div class="rate">
      <svg viewBox={`0 0 ${width} ${height}`} width={width} height={height}>
        <title>{label}</title>
        <path class="axis" d={`M0 ${height - 0.5}H${width}`} />
        {points.length > 1 && <path class="line" d={`M${points.join('L')}`} />}
      </svg>
      <span class="quiet">{fill(now, { rate: newest === undefined ? '–' : formatNumber(locale, newest, 1) })}</span>
    </div>
  );
}

function readSample(): Sample | undefined {
  const text = document.getElementById('results')?.dataset.sample;
  return text ? JSON.parse(text) : undefined;
}

/** Undefined where the router was started anew in between. */
function rateBetween(before: Sample, after: Sample): number | undefined {
  const seconds = (after.at - before.at) / 1_000;
  const count = after.invocations - before.invocations;
  return seconds > 0 && count >= 0 ? count / seconds : undefined;
}
