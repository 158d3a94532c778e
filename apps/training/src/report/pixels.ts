import { auc, logLoss } from '@adstocrat/metrics';
import type { LoadedExamples } from '../data/load-examples.ts';
import type { ScoreRows } from './score-rows.ts';

/** What images are worth to the model on one set of held-out rows. */
export interface PixelFigures {
  readonly rows: string;
  readonly count: number;
  readonly withImages: { readonly logLoss: number; readonly auc: number };
  /** The same model, where no row shows an image. */
  readonly without: { readonly logLoss: number; readonly auc: number };
}

/** On all held-out rows, and on those whose image is not among those that training rows `shown`; none where rows have no images. */
export async function pixelFigures(
  held: LoadedExamples,
  shown: ReadonlySet<number>,
  scoreRows: ScoreRows,
): Promise<readonly PixelFigures[]> {
  const { images, labels } = held;
  if (images === undefined) return [];
  const seen = await scoreRows(held);
  const blind = await scoreRows({ ...held, images: new Int32Array(held.rows).fill(-1) });
  const sets = [
    { rows: 'all', keep: () => true },
    { rows: 'images that training never saw', keep: (row: number) => images[row]! >= 0 && !shown.has(images[row]!) },
  ];
  return sets.flatMap(({ rows, keep }) => {
    const own = [...labels.keys()].filter(keep);
    if (own.length === 0) return [];
    const figures = (scores: Float64Array): PixelFigures['without'] => {
      const of = { scores: own.map((row) => scores[row]!), labels: own.map((row) => labels[row]!) };
      return { logLoss: logLoss(of), auc: auc(of) };
    };
    return [{ rows, count: own.length, withImages: figures(seen), without: figures(blind) }];
  });
}
