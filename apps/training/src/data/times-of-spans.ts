import type { SpanManifest } from '@adstocrat/examples';

/** Unix milliseconds of the first and the last event of spans; undefined where none has an event time. */
export function timesOfSpans(
  spans: readonly Pick<SpanManifest, 'timeRangeMs'>[],
): readonly [number, number] | undefined {
  const ranges = spans.flatMap(({ timeRangeMs }) => (timeRangeMs === undefined ? [] : [timeRangeMs]));
  if (ranges.length === 0) return undefined;
  return [Math.min(...ranges.map(([first]) => first)), Math.max(...ranges.map(([, last]) => last))];
}
