import { auc } from '@adstocrat/metrics';
import { embeddingRows, placedFeatures, type TransformGraph } from '@adstocrat/transforms';
import type { LoadedExamples } from '../data/load-examples.ts';
import type { TrainingRows } from '../data/training-rows.ts';

/** Lone AUC from which a column is said to tell the label: what is known before a click seldom ranks this well. */
export const suspiciousAuc = 0.95;
/** Examples' worth of the base rate that each id's own rate is drawn to. */
const smoothing = 5;

/**
 * How well each column ranks the validation rows on its own: by the click rate that each of its ids had in training, or by its number, in
 * whichever direction. Of several transforms of a column the best counts. Empty where the validation rows hold one label only. Yields to the event
 * loop between columns: hundreds of thousands of rows are sorted for each.
 */
export async function loneAucs(
  graph: TransformGraph,
  train: TrainingRows,
  validation: LoadedExamples,
): Promise<ReadonlyMap<string, number>> {
  const rates = await ratesOf(graph, train);
  const found = new Map<string, number>();
  const add = async (column: string, scores: Float64Array): Promise<void> => {
    const value = auc({ scores, labels: validation.labels });
    const best = Math.max(value, 1 - value, found.get(column) ?? 0);
    if (Number.isFinite(best)) found.set(column, best);
    await new Promise(setImmediate);
  };
  for (const { feature, field } of placedFeatures(graph))
    await add(
      feature.columns[0] ?? '',
      Float64Array.from({ length: validation.rows }, (_, row) => oddsOf(validation, row, field, feature.slots, rates)),
    );
  for (const [input, { column }] of graph.dense.entries()) {
    const { rows, denseWidth, dense } = validation;
    await add(
      column,
      Float64Array.from({ length: rows }, (_, row) => dense[row * denseWidth + input]!),
    );
  }
  return found;
}

/** The log-odds of a row by the ids of one feature, those of a text added up. */
function oddsOf(
  { ids, fields }: LoadedExamples,
  row: number,
  first: number,
  slots: number,
  rates: Float64Array,
): number {
  let sum = 0;
  for (let at = row * fields + first; at < row * fields + first + slots; at += 1) {
    const rate = rates[ids[at]!]!;
    sum += Math.log(rate / (1 - rate));
  }
  return sum;
}

/** The click rate that each id had, [idRows]. */
async function ratesOf(graph: TransformGraph, train: TrainingRows): Promise<Float64Array> {
  const base = train.positives / Math.max(1, train.rows);
  const seen = new Float64Array(embeddingRows(graph));
  const positives = new Float64Array(seen.length);
  for await (const { rows, fields, ids, labels } of train.parts()) {
    for (let row = 0; row < rows; row += 1) {
      for (let at = row * fields; at < (row + 1) * fields; at += 1) {
        seen[ids[at]!]! += 1;
        positives[ids[at]!]! += labels[row]!;
      }
    }
  }
  return positives.map((count, id) => (count + smoothing * base) / (seen[id]! + smoothing));
}
