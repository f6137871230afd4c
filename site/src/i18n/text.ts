/** Texts with values in them, and numbers and dates, in the reader's locale. Shared by pages and islands. */

export interface Plural {
  one: string;
  other: string;
}

export type Values = Record<string, string | number>;

/** Puts values into `{name}` places. A place without a value stays as it is, so that a mistake is seen. */
export function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => (name in values ? String(values[name]) : place));
}

const dateForm = {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
} as const satisfies Intl.DateTimeFormatOptions;

const remembered = new Map<string, unknown>();

function once<T>(key: string, make: () => T): T {
  if (!remembered.has(key)) remembered.set(key, make());
  return remembered.get(key) as T;
}

export function formatNumber(locale: string, value: number, digits = 0): string {
  const make = () => new Intl.NumberFormat(locale, { maximumFractionDigits: digits });
  return once(`n${digits}${locale}`, make).format(value);
}

/** Milliseconds: two digits that matter below ten, none above. */
export function formatMilliseconds(locale: string, value: number): string {
  return formatNumber(locale, value, value < 10 ? 1 : 0);
}

/** A date and time; in UTC, and saying so, where the reader's time zone is not known. */
export function formatDate(locale: string, iso: string, timeZone?: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const make = () => new Intl.DateTimeFormat(locale, { ...dateForm, timeZone: timeZone ?? 'UTC' });
  return once(`d${locale}${timeZone}`, make).format(date);
}

export function plural(locale: string, texts: Plural, count: number): string {
  const rule = once(`p${locale}`, () => new Intl.PluralRules(locale)).select(count);
  return fill(rule === 'one' ? texts.one : texts.other, { count: formatNumber(locale, count) });
}

/** A length of time such as "3 hr, 5 min". */
export function formatDuration(locale: string, seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const parts: [number, string][] = [
    [Math.floor(whole / 86_400), 'day'],
    [Math.floor(whole / 3_600) % 24, 'hour'],
    [Math.floor(whole / 60) % 60, 'minute'],
    [whole % 60, 'second'],
  ];
  const first = parts.findIndex(([value]) => value > 0);
  const shown = first === -1 ? parts.slice(3) : parts.slice(first, first + 2);
  return shown
    .map(([value, unit]) =>
      once(
        `u${unit}${locale}`,
        () => new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short' }),
      ).format(value),
    )
    .join(', ');
}
