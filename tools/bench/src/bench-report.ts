/** One bar of a benchmark: the value must not exceed the limit. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly limit: number;
  readonly holds: boolean;
}

/** The last line of every benchmark. */
export interface BenchReport {
  readonly bench: string;
  readonly figures: Readonly<Record<string, number>>;
  readonly peers: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly bars: readonly Bar[];
}

export function atMost(name: string, value: number, limit: number): Bar {
  return { name, value, limit, holds: value <= limit };
}

/** Middle value; the mean of the two middle ones for an even count. Throws `RangeError` for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  if (upper === undefined || lower === undefined) throw new RangeError('the median of no values is not defined');
  return (lower + upper) / 2;
}
