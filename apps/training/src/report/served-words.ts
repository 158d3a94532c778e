import type { Calibration } from '@adstocrat/models';
import type { SearchResult } from '../search/search-model.ts';

/** What scores go through, for people. */
export function saidOf(calibration: Calibration): string {
  if (calibration.method === 'isotonic') return `isotonic, ${calibration.from.length} steps, straight between them`;
  const { method, slope, intercept } = calibration;
  return `${method}, slope ${slope.toFixed(4)}, intercept ${intercept.toFixed(4)}`;
}

/** What was fitted again after the figures that are shown: a sentence, or none. */
export function fittedAgain({ served: { again, calibration } }: SearchResult): readonly string[] {
  if (again.length === 0) return [];
  const names = again.map((name) => `"${name}"`).join(' and ');
  const were = again.length === 1 ? 'was' : 'were';
  return [
    `After that ${names} ${were} fitted again, as far as before, on training and validation rows together: that is what is served, calibrated by ${saidOf(calibration)}.`,
  ];
}
