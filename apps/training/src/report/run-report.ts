import { type CalibrationBin, calibrationCurve } from '@adstocrat/metrics';
import type { SearchResult } from '../search/search-model.ts';
import type { TrialData } from '../search/trial-data.ts';
import { type Importance, permutationImportance } from './permutation-importance.ts';
import { type PixelFigures, pixelFigures } from './pixels.ts';
import { withScores } from './score-rows.ts';
import { type SliceFigures, sliceFigures } from './slices.ts';

/** What the validation rows say of a run's model, beside what its search showed. */
export interface RunReport {
  readonly importance: readonly Importance[];
  readonly pixels: readonly PixelFigures[];
  readonly slices: readonly SliceFigures[];
  /** Of its scores, 20 bins of equal row count. */
  readonly calibrationCurve: readonly CalibrationBin[];
}

/** Scores the validation rows with the chosen model, some of them once for each column. */
export function reportOnRun(data: TrialData, found: SearchResult): Promise<RunReport> {
  const { graph, validation, images } = data;
  return withScores(found, images, async (scoreRows) => {
    const scores = await scoreRows(validation);
    return {
      importance: await permutationImportance(graph, validation, scoreRows),
      pixels: images === undefined ? [] : await pixelFigures(validation, images.shown, scoreRows),
      slices: await sliceFigures(graph, validation, scores),
      calibrationCurve: calibrationCurve({ scores, labels: validation.labels }, { bins: 20, by: 'mass' }),
    };
  });
}
