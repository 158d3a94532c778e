import { meter } from '../meter.ts';
import { type MetricFamily, type MetricKind, prometheusText, type Sample } from './prometheus-text.ts';
import { type Labels, Series } from './series.ts';

export interface InstrumentOptions {
  /** UCUM: `s`, `By`, or what is counted in braces, `{row}`. */
  readonly unit: string;
  readonly description: string;
}

/** All of this process, in the order in which they were made. */
const families = new Set<MetricFamily>();
const otel = meter('adstocrat');

/** What this process has counted, in Prometheus's text format, each series with these labels beside its own. */
export function metricsText(labels?: Labels): string {
  return prometheusText(families, labels);
}

/** A count that only grows, told over OpenTelemetry and as Prometheus's text. */
export interface Counter {
  add(value: number, labels?: Labels): void;
  /** What adds to the series of these labels: to find it costs more than to add. */
  of(labels: Labels): (value: number) => void;
}

export function counter(name: string, { unit, description }: InstrumentOptions): Counter {
  const series = new Series(() => ({ value: 0 }));
  const told = otel.createCounter(name, { unit, description });
  families.add({ name, unit, description, kind: 'counter', samples: samplesOf(series, ({ value }) => value) });
  const of = (labels: Labels) => {
    const own = series.of(labels);
    return (value: number): void => {
      own.value += value;
      told.add(value, labels);
    };
  };
  return { of, add: (value, labels = {}) => of(labels)(value) };
}

/** How values are distributed over buckets, as {@link counter} tells it. */
export interface Histogram {
  record(value: number, labels?: Labels): void;
  /** What records in the series of these labels, as {@link Counter.of}. */
  of(labels: Labels): (value: number) => void;
}

/** `bounds`: ascending; a value lies in the first bucket whose bound is at least as large. */
export function histogram(
  name: string,
  { unit, description, bounds }: InstrumentOptions & { readonly bounds: readonly number[] },
): Histogram {
  const series = new Series(() => ({ counts: new Array<number>(bounds.length + 1).fill(0), sum: 0 }));
  const told = otel.createHistogram(name, { unit, description, advice: { explicitBucketBoundaries: [...bounds] } });
  families.add({
    name,
    unit,
    description,
    kind: 'histogram',
    samples: samplesOf(series, ({ counts, sum }) => ({ bounds, counts, sum })),
  });
  const of = (labels: Labels) => {
    const own = series.of(labels);
    return (value: number): void => {
      let at = 0;
      while (at < bounds.length && value > bounds[at]!) at += 1;
      own.counts[at]! += 1;
      own.sum += value;
      told.record(value, labels);
    };
  };
  return { of, record: (value, labels = {}) => of(labels)(value) };
}

/** A figure that is asked for when somebody looks. Returns what ends that. */
export function observed(
  name: string,
  options: InstrumentOptions & { readonly kind?: Exclude<MetricKind, 'histogram'> },
  read: () => Iterable<readonly [labels: Labels, value: number]>,
): () => void {
  const { unit, description, kind = 'gauge' } = options;
  const family: MetricFamily = {
    name,
    unit,
    description,
    kind,
    samples: { [Symbol.iterator]: () => read()[Symbol.iterator]() },
  };
  families.add(family);
  const told =
    kind === 'counter'
      ? otel.createObservableCounter(name, { unit, description })
      : otel.createObservableGauge(name, { unit, description });
  const tell: Parameters<typeof told.addCallback>[0] = (result) => {
    for (const [labels, value] of read()) result.observe(value, labels);
  };
  told.addCallback(tell);
  return () => {
    families.delete(family);
    told.removeCallback(tell);
  };
}

function samplesOf<V>(series: Series<V>, value: (held: V) => Sample[1]): Iterable<Sample> {
  return {
    *[Symbol.iterator]() {
      for (const [labels, held] of series) yield [labels, value(held)] as const;
    },
  };
}
