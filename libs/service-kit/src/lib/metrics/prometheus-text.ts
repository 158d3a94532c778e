import type { Labels } from './series.ts';

export type MetricKind = 'counter' | 'gauge' | 'histogram';

/** How many values were at most each bound, their number and their sum. */
export interface Distribution {
  readonly bounds: readonly number[];
  /** Per bucket, not cumulative; the last one holds what is above all bounds. */
  readonly counts: readonly number[];
  readonly sum: number;
}

export type Sample = readonly [labels: Labels, value: number | Distribution];

export interface MetricFamily {
  /** As OpenTelemetry names it, dots between; one that begins with a colon is left as it is. */
  readonly name: string;
  /** UCUM: `s`, `By`, or what is counted in braces. */
  readonly unit: string;
  readonly description: string;
  readonly kind: MetricKind;
  readonly samples: Iterable<Sample>;
}

/** Content type of {@link prometheusText}. */
export const prometheusType = 'text/plain; version=0.0.4; charset=utf-8';

const units: Readonly<Record<string, string>> = { s: 'seconds', By: 'bytes' };

/**
 * Prometheus's text format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/), names made of OpenTelemetry's as its
 * specification says: the unit appended, `_total` for a counter. `more`: labels of every series beside its own.
 */
export function prometheusText(families: Iterable<MetricFamily>, more: Labels = {}): string {
  const lines: string[] = [];
  for (const { name, unit, description, kind, samples } of families) {
    const shown = prometheusName(name, unit, kind);
    const begin = lines.length;
    for (const [own, value] of samples) {
      const labels = { ...own, ...more };
      if (typeof value === 'number') lines.push(`${shown}${braces(labels)} ${numeral(value)}`);
      else lines.push(...histogramLines(shown, labels, value));
    }
    if (lines.length > begin)
      lines.splice(
        begin,
        0,
        `# HELP ${shown} ${description.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
        `# TYPE ${shown} ${kind}`,
      );
  }
  return lines.map((line) => `${line}\n`).join('');
}

function prometheusName(name: string, unit: string, kind: MetricKind): string {
  if (name.startsWith(':')) return name;
  const suffix = units[unit];
  const base = name.replace(/[^a-zA-Z0-9_:]/g, '_');
  const full = suffix === undefined || base.endsWith(`_${suffix}`) ? base : `${base}_${suffix}`;
  return kind === 'counter' ? `${full}_total` : full;
}

function histogramLines(name: string, labels: Labels, { bounds, counts, sum }: Distribution): readonly string[] {
  let below = 0;
  const buckets = counts.map((count, at) => {
    below += count;
    return `${name}_bucket${braces(labels, numeral(bounds[at] ?? Infinity))} ${below}`;
  });
  return [...buckets, `${name}_sum${braces(labels)} ${numeral(sum)}`, `${name}_count${braces(labels)} ${below}`];
}

function braces(labels: Labels, le?: string): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(String(value))}"`);
  if (le !== undefined) pairs.push(`le="${le}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(text: string): string {
  return text.toWellFormed().replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function numeral(value: number): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(value);
}
