/** The chart of invocations a second on the System page. */
import { useEffect, useState } from 'preact/hooks';
import type { Messages } from '../i18n/index.ts';
import { fill, formatNumber } from '../i18n/text.ts';
import { showLocalTimes } from '../lib/browser/local-times.ts';
import { show } from '../lib/browser/navigation.ts';

interface Props {
  locale: string;
  t: Pick<Messages['system'], 'measuring' | 'rate' | 'rateFrom' | 'rateNow' | 'rateTop'>;
}

/** The router's count of invocations at a time. */
interface Sample {
  /** Unix time in ms. */
  at: number;
  invocations: number;
}

const refreshIntervalMs = 2_000;
const maxRates = 60;
const widthPx = 240;
const heightPx = 34;

/** Refreshes the whole page every two seconds and draws the rate between two refreshes. */
export default function RateChart({ locale, t }: Props) {
  const [rates, setRates] = useState<number[]>([]);

  useEffect(showLocalTimes, []);
  useEffect(() => {
    let last = readSample();
    let timer: ReturnType<typeof setTimeout>;
    const refresh = async () => {
      if (!document.hidden && (await show(location.href, 'refresh'))) {
        const sample = readSample();
        const rate = last && sample ? rateBetween(last, sample) : undefined;
        if (rate !== undefined) setRates((before) => [...before, rate].slice(-maxRates));
        last = sample;
      }
      timer = setTimeout(refresh, refreshIntervalMs);
    };
    timer = setTimeout(refresh, refreshIntervalMs);
    return () => clearTimeout(timer);
  }, []);

  const highest = Math.max(0, ...rates);
  const top = Math.max(1, highest);
  const format = (rate: number) => formatNumber(locale, rate, 1);
  const points = rates.map((rate, index) => {
    const x = widthPx - (rates.length - 1 - index) * (widthPx / (maxRates - 1));
    return `${x.toFixed(1)} ${(heightPx - 1 - (rate / top) * (heightPx - 4)).toFixed(1)}`;
  });
  const newest = rates.at(-1);

  return (
    <figure class="rate">
      <figcaption>
        {t.rate}
        <span class="quiet">
          {newest === undefined ? (
            t.measuring
          ) : (
            <>
              <strong>{format(newest)}</strong> {t.rateNow} · {fill(t.rateTop, { top: format(highest) })}
            </>
          )}
        </span>
      </figcaption>
      <div>
        <svg viewBox={`0 0 ${widthPx} ${heightPx}`} width={widthPx} height={heightPx} aria-hidden="true">
          <path class="axis" d={`M0 ${heightPx - 0.5}H${widthPx}`} />
          {points.length > 1 && <path class="line" d={`M${points.join('L')}`} />}
        </svg>
        <p class="quiet" aria-hidden="true">
          <span>{t.rateFrom}</span>
          <span>{t.rateNow}</span>
        </p>
      </div>
    </figure>
  );
}

function readSample(): Sample | undefined {
  const text = document.getElementById('results')?.dataset.sample;
  return text ? JSON.parse(text) : undefined;
}

/** @returns invocations a second; undefined if the count has gone back because the router restarted */
function rateBetween(before: Sample, after: Sample): number | undefined {
  const seconds = (after.at - before.at) / 1_000;
  const count = after.invocations - before.invocations;
  return seconds > 0 && count >= 0 ? count / seconds : undefined;
}
