import { ClickModelTrainer } from '@adstocrat/tensorflow';
import { type Calibration, scorer } from '@adstocrat/models';
import { type LoadedExamples, takeRows } from '../data/load-examples.ts';
import type { SearchResult } from '../search/search-model.ts';
import type { FittedImages } from '../image/fit-image-tower.ts';

const rowsAtOnce = 4096;

/** Scores examples, calibrated, one a row. */
export type ScoreRows = (examples: LoadedExamples) => Promise<Float64Array>;

/** Runs `work` with the chosen model, in TensorFlow for as long as that takes. */
export async function withScores<T>(
  { spec, weights, calibration }: Pick<SearchResult, 'spec' | 'weights'> & { readonly calibration: Calibration },
  images: FittedImages | undefined,
  work: (scoreRows: ScoreRows) => Promise<T>,
): Promise<T> {
  const model = new ClickModelTrainer(spec, weights, { seed: 1, idCounts: new Float32Array(spec.inputs.idRows) });
  const score = scorer(calibration);
  try {
    const towers = spec.layers.filter(({ op }) => op === 'image-tower');
    model.setImages(new Map(towers.map(({ name }) => [name, images?.vectors ?? new Float32Array()])));
    return await work(async (examples) => {
      const scores = new Float64Array(examples.rows);
      for (let from = 0; from < examples.rows; from += rowsAtOnce) {
        const rows = Math.min(rowsAtOnce, examples.rows - from);
        const positions = Int32Array.from({ length: rows }, (_, row) => from + row);
        for (const [row, logit] of model.logits(takeRows(examples, positions).batch).entries())
          scores[from + row] = score(logit);
        await new Promise(setImmediate);
      }
      return scores;
    });
  } finally {
    model.dispose();
  }
}
