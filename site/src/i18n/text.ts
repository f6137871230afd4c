/** Fills values into texts and formats numbers, dates and durations. Pages and islands both use it. */

/** The forms of a text for a count, which English and Portuguese share. They may hold `{count}`. */
export interface Plural {
  /** Where it is missing, 0 takes `other`. */
  zero?: string;
  one: string;
  other: string;
}

/** Values by the name of their placeholder. */
export type PlaceholderValues = Record<string, string | number>;

/** Replaces each `{name}` by its value. A placeholder without a value stays, so that the mistake is visible. */
export function fill(text: string, values: PlaceholderValues): string {
  return text.replace(/\{(\w+)\}/g, (placeholder, name: string) =>
    name in values ? String(values[name]) : placeholder,
  );
}

const dateFormat = {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
} as const satisfies Intl.DateTimeFormatOptions;

/** A formatter takes some 25 kB, and there is one for each language and time zone of the readers. */
const maxFormatters = 100;

const formatters = new Map<string, unknown>();

/** Creates a formatter once, because its construction takes longer than formatting. The oldest one goes first. */
function cached<T>(key: string, make: () => T): T {
  const known = formatters.get(key);
  if (known !== undefined) return known as T;
  if (formatters.size >= maxFormatters) formatters.delete(formatters.keys().next().value ?? '');
  const made = make();
  formatters.set(key, made);
  return made;
}

/**
 * Formats a number in a locale.
 * @param maxDecimals how many decimals to show at most
 */
export function formatNumber(locale: string, value: number, maxDecimals = 0): string {
  const make = () => new Intl.NumberFormat(locale, { maximumFractionDigits: maxDecimals });
  return cached(`n${maxDecimals}${locale}`, make).format(value);
}

/** Formats milliseconds with one decimal below 10 ms and none above. */
export function formatMilliseconds(locale: string, value: number): string {
  return formatNumber(locale, value, value < 10 ? 1 : 0);
}

/**
 * Formats a date and time.
 * @param iso ISO 8601; any other text is returned as it is
 * @param timeZone IANA name; UTC while the reader's time zone is unknown
 */
export function formatDate(locale: string, iso: string, timeZone?: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const make = () => new Intl.DateTimeFormat(locale, { ...dateFormat, timeZone: timeZone ?? 'UTC' });
  return cached(`d${locale}${timeZone}`, make).format(date);
}

/** Joins texts to an enumeration, such as "a, b and c". */
export function formatList(locale: string, texts: string[]): string {
  return cached(`l${locale}`, () => new Intl.ListFormat(locale)).format(texts);
}

/** A number of users that a search finds, as the API counts them. */
export interface Total {
  total: number;
  /** False where the search finds more than `total`. */
  totalExact: boolean;
}

/** @param moreThan a text with `{count}` for a total that is not exact */
export function formatTotal(locale: string, { total, totalExact }: Total, moreThan: string): string {
  const count = formatNumber(locale, total);
  return totalExact ? count : fill(moreThan, { count });
}

/**
 * Chooses the plural form for a count and fills the formatted count in.
 * @param shown replaces the formatted count
 */
export function plural(locale: string, texts: Plural, count: number, shown = formatNumber(locale, count)): string {
  const rule = cached(`p${locale}`, () => new Intl.PluralRules(locale)).select(count);
  const text = count === 0 ? (texts.zero ?? texts.other) : rule === 'one' ? texts.one : texts.other;
  return fill(text, { count: shown });
}

/** Formats a duration by its two largest units, such as "3 hr, 5 min". */
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
      cached(
        `u${unit}${locale}`,
        () => new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short' }),
      ).format(value),
    )
    .join(', ');
}
