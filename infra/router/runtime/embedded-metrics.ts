/**
 * Metrics that functions write to their log in CloudWatch's embedded metric format, as on AWS. The router adds them up for
 * Prometheus.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 * @see infra/docs/decisions/057-metrics.md
 */
import Counter from 'prom-client/lib/counter.js';
import Histogram from 'prom-client/lib/histogram.js';
import type Registry from 'prom-client/lib/registry.js';
import { durationBuckets } from './duration-buckets.ts';

type Fields = Record<string, unknown>;

/** One metric of a line, in the words of Prometheus. */
interface Measurement {
  /** `count`: a counter; otherwise a histogram, and the factor makes seconds of its values. */
  kind: 'count' | number;
  name: string;
  labels: Record<string, string>;
  values: number[];
}

/** Units of time that have a histogram, and how many seconds each has. */
const secondsOfUnit: Record<string, number> = { Seconds: 1, Milliseconds: 1e-3, Microseconds: 1e-6 };

/** Functions choose names and dimensions, so the router bounds their number. */
const maxMetrics = 200;
const maxSeriesOfMetric = 200;
/** A longer value of a dimension is cut (characters). */
const maxLabelLength = 200;
/** As many values as the format allows. */
const maxValues = 100;

/** A metric that the lines of functions have made. */
interface Series {
  metric: Counter | Histogram;
  kind: 'counter' | 'histogram';
  /** The names of its labels, joined; other lines can't add any. */
  labelNames: string;
  known: Set<string>;
}

/** Takes the metrics of the functions of one router process from their log lines. */
export class EmbeddedMetrics {
  readonly #registry: Registry;
  readonly #series = new Map<string, Series>();
  readonly #dropped: Counter<'function'>;

  constructor(registry: Registry) {
    this.#registry = registry;
    this.#dropped = new Counter({
      name: 'lambda_embedded_metrics_dropped_total',
      help: 'Metrics in the log of functions that have no form here, or are too many',
      labelNames: ['function'],
      registers: [registry],
    });
  }

  /** Lets a function's count begin at 0. */
  add(functionName: string): void {
    this.#dropped.inc({ function: functionName }, 0);
  }

  /**
   * Counts the metrics of a log line.
   * @returns whether the line has nothing but metrics and their dimensions, so that it says nothing in a log
   */
  take(line: string, functionName: string): boolean {
    // Nearly all lines end here.
    if (!line.includes('"_aws"') || !line.startsWith('{')) return false;
    const fields = parseObject(line);
    const directives = (fields?._aws as Fields | undefined)?.CloudWatchMetrics;
    if (!fields || !Array.isArray(directives)) return false;
    const used = new Set(['_aws']);
    for (const directive of directives) this.#takeDirective(fields, directive, functionName, used);
    return Object.keys(fields).every((name) => used.has(name));
  }

  #takeDirective(fields: Fields, directive: unknown, functionName: string, used: Set<string>): void {
    const { Namespace: namespace, Dimensions, Metrics } = Object(directive) as Fields;
    const dimensions = largestOf(Dimensions);
    for (const name of dimensions) used.add(name);
    const labels: Record<string, string> = {};
    for (const name of dimensions) labels[snakeCase(name)] = String(fields[name]).slice(0, maxLabelLength);
    labels.function = functionName;
    for (const metric of Array.isArray(Metrics) ? Metrics : []) {
      const { Name: name, Unit: unit } = Object(metric) as Fields;
      if (typeof name !== 'string') continue;
      used.add(name);
      const values = [fields[name]].flat().filter(isMeasured).slice(0, maxValues);
      const seconds = secondsOfUnit[String(unit)];
      const kind = unit === 'Count' ? 'count' : seconds;
      const base = snakeCase(`${String(namespace)}_${name}`);
      const isKept =
        kind !== undefined &&
        this.#keep({ kind, name: `${base}_${kind === 'count' ? 'total' : 'seconds'}`, labels, values });
      if (!isKept) this.#dropped.inc({ function: functionName });
    }
  }

  #keep({ kind, name, labels, values }: Measurement): boolean {
    const series = this.#seriesOf(name, kind === 'count' ? 'counter' : 'histogram', Object.keys(labels));
    if (!series) return false;
    const key = JSON.stringify(labels);
    if (!series.known.has(key)) {
      if (series.known.size >= maxSeriesOfMetric) return false;
      series.known.add(key);
    }
    const { metric } = series;
    if (kind === 'count') {
      (metric as Counter).inc(
        labels,
        values.reduce((sum, value) => sum + value, 0),
      );
    } else for (const value of values) (metric as Histogram).observe(labels, value * kind);
    return true;
  }

  /** @returns undefined for a metric that the router can't have beside the others */
  #seriesOf(name: string, kind: Series['kind'], labels: string[]): Series | undefined {
    const labelNames = labels.sort().join();
    const known = this.#series.get(name);
    if (known) return known.kind === kind && known.labelNames === labelNames ? known : undefined;
    const isTaken = this.#registry.getSingleMetric(name) !== undefined;
    if (isTaken || this.#series.size >= maxMetrics || !/^[a-z][a-z\d_]*$/.test(name)) return undefined;
    if (labels.some((label) => label === 'le' || label === 'environment' || !/^[a-z][a-z\d_]*$/.test(label))) {
      return undefined;
    }
    const options = { name, help: 'From the log of functions', labelNames: labels, registers: [this.#registry] };
    const metric = kind === 'counter' ? new Counter(options) : new Histogram({ ...options, buckets: durationBuckets });
    const series = { metric, kind, labelNames, known: new Set<string>() };
    this.#series.set(name, series);
    return series;
  }
}

/** A counter can't fall, and no time is negative. */
function isMeasured(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

/** @returns the largest set of dimensions: Prometheus adds up the others itself */
function largestOf(dimensions: unknown): string[] {
  const sets = (Array.isArray(dimensions) ? dimensions : []).filter(Array.isArray) as unknown[][];
  const names = sets.map((set) => set.filter((name) => typeof name === 'string'));
  return names.reduce((largest, set) => (set.length > largest.length ? set : largest), []);
}

/** @returns `cache_hits` for CacheHits; names of Prometheus have letters, digits and underscores */
function snakeCase(name: string): string {
  return name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .replaceAll(/[^a-zA-Z\d]+/g, '_')
    .toLowerCase();
}

function parseObject(line: string): Fields | undefined {
  try {
    return JSON.parse(line) as Fields;
  } catch {
    return undefined;
  }
}
