const bars = '▁▂▃▄▅▆▇█';

/** The course of the last `width` numbers as a line of bars, from their least to their largest; empty for fewer than two. */
export function sparkline(values: readonly number[], width = 16): string {
  const shown = values.filter(Number.isFinite).slice(-width);
  if (shown.length < 2) return '';
  const [least, most] = [Math.min(...shown), Math.max(...shown)];
  const share = (value: number): number => (most === least ? 0 : (value - least) / (most - least));
  return shown.map((value) => bars[Math.round(share(value) * (bars.length - 1))]).join('');
}
