/** The line above the list: how many users it has, the badge with its source, and a chart of the latest loads. */
import { useEffect, useState } from 'preact/hooks';
import type { Messages } from '../i18n/index.ts';
import { fill, formatMilliseconds, formatTotal, plural } from '../i18n/text.ts';
import { sourceText } from '../lib/api-texts.ts';
import type { Load } from '../lib/api-types.ts';
import { type ListState, listShownEvent } from '../lib/browser/navigation.ts';
import { readLoads, saveLoad } from '../lib/browser/recent-loads.ts';

interface Props {
  locale: string;
  load: Load | undefined;
  t: Pick<Messages, 'source' | 'users' | 'moreThan'>;
}

const barWidthPx = 7;
const columnWidthPx = 10;
const heightPx = 28;

/** Shows the load that the page was rendered with, then every later load of the list. */
export default function LoadBadge({ locale, load: first, t }: Props) {
  const [load, setLoad] = useState(first);
  const [loads, setLoads] = useState<Load[]>(first ? [first] : []);

  useEffect(() => {
    let kept = readLoads();
    if (first) kept = saveLoad(kept, first);
    setLoads(kept);
    const shown = (event: Event) => {
      const { load } = (event as CustomEvent<ListState>).detail;
      setLoad(load);
      if (!load) return;
      kept = saveLoad(kept, load);
      setLoads(kept);
    };
    document.addEventListener(listShownEvent, shown);
    return () => document.removeEventListener(listShownEvent, shown);
  }, []);

  const users = (entry: Load) => plural(locale, t.users, entry.total, formatTotal(locale, entry, t.moreThan));

  const describe = (entry: Load) =>
    fill(t.source.entry, {
      source: t.source.short[entry.state],
      ms: formatMilliseconds(locale, entry.milliseconds),
      users: users(entry),
    });

  const milliseconds = (entry: Load) =>
    fill(t.source.milliseconds, { ms: formatMilliseconds(locale, entry.milliseconds) });

  return (
    <div class="load">
      <p class="badge" role="status" data-state={load?.state}>
        {!load && <span class="quiet">{t.source.none}</span>}
        {load && (
          <>
            <Mark state={load.state} /> {sourceText(load, t.source)}{' '}
            <span class="quiet">{`· ${users(load)} · ${milliseconds(load)}`}</span>
          </>
        )}
      </p>
      <details class="explanation">
        <summary aria-label={t.source.question} title={t.source.question}>
          ?
        </summary>
        <div>
          <p>{t.source.explain}</p>
          <ul>
            {(['hit', 'miss', 'bypass'] as const).map((state) => (
              <li key={state}>
                <Mark state={state} /> {t.source.legend[state]}
              </li>
            ))}
          </ul>
        </div>
      </details>
      <Chart
        loads={loads}
        label={t.source.chart}
        hint={t.source.chartHint}
        legend={Object.values(t.source.legend)}
        describe={describe}
      />
    </div>
  );
}

function Mark({ state }: { state: Load['state'] }) {
  return (
    <svg class="mark" viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">
      <MarkShape state={state} x={5} y={5} />
    </svg>
  );
}

/** Draws a circle for a hit, a square for a miss, a triangle for a bypass: shapes tell them apart without colour. */
function MarkShape({ state, x, y }: { state: Load['state']; x: number; y: number }) {
  if (state === 'hit') return <circle cx={x} cy={y} r="3.2" class="hit" />;
  if (state === 'miss') return <rect x={x - 3} y={y - 3} width="6" height="6" class="miss" />;
  return <path d={`M${x} ${y - 3.6}l3.6 6.6h-7.2z`} class="bypass" />;
}

interface ChartProps {
  loads: Load[];
  /** The caption. */
  label: string;
  /** The meaning of the bars. */
  hint: string;
  /** One line for each shape. */
  legend: string[];
  describe: (load: Load) => string;
}

/** Draws one bar for each load, in a pattern for each source. Heights are logarithmic, so that one slow load does not flatten the others. */
function Chart({ loads, label, hint, legend, describe }: ChartProps) {
  // One bar alone compares with nothing.
  if (loads.length < 2) return null;
  const top = Math.max(1, ...loads.map(({ milliseconds }) => milliseconds));
  const width = loads.length * columnWidthPx;
  const words = [hint, ...legend, ...loads.map(describe)].join('\n');
  return (
    <figure class="loads">
      <figcaption class="quiet">{label}</figcaption>
      <svg viewBox={`0 0 ${width} ${heightPx}`} width={width} height={heightPx}>
        <title>{words}</title>
        <defs>
          <pattern id="stripes" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect width="2" height="4" class="stripe" />
          </pattern>
        </defs>
        <path class="axis" d={`M0 ${heightPx - 0.5}H${width}`} />
        {loads.map((entry, index) => {
          const height = Math.max(3, (Math.log1p(entry.milliseconds) / Math.log1p(top)) * (heightPx - 3));
          const x = index * columnWidthPx + (columnWidthPx - barWidthPx) / 2;
          const y = heightPx - 1 - height;
          return <rect key={index} class={`bar ${entry.state}`} x={x} y={y} width={barWidthPx} height={height} />;
        })}
      </svg>
    </figure>
  );
}
