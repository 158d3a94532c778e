import { auc } from '@adstocrat/metrics';
import type { TransformGraph } from '@adstocrat/transforms';
import type { LoadedExamples } from '../data/load-examples.ts';

/** Lone AUC from which a column is said to tell the label: what is known before a click seldom ranks this well. */
export const suspiciousAuc = 0.95;
/** Examples' worth of the base rate that each id's own rate is drawn to. */
const smoothing = 5;

/**
 * How well each column ranks the validation rows on its own: by the click rate that each of its ids had in training, or by its number, in
 * whichever direction. Of several transforms of a column the best counts. Empty where the validation rows hold one label only.
 */
export function loneAucs(
  graph: TransformGraph,
  train: LoadedExamples,
  validation: LoadedExamples,
): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const add = (column: string, scores: Float64Array): void => {
    const value = auc({ scores, labels: validation.labels });
    const best = Math.max(value, 1 - value, found.get(column) ?? 0);
    if (Number.isFinite(best)) found.set(column, best);
  };
  for (const [field, { column }] of graph.fields.entries()) {
    const rates = ratesOf(train, field);
    add(
      column,
      Float64Array.from({ length: validation.rows }, (_, row) => rates(idOf(validation, row, field))),
    );
  }
  for (const [input, { column }] of graph.dense.entries()) {
    const { rows, denseWidth, dense } = validation;
    add(
      column,
      Float64Array.from({ length: rows }, (_, row) => dense[row * denseWidth + input]!),
    );
  }
  return found;
}

function ratesOf(train: LoadedExamples, field: number): (id: number) => number {
  const base = train.labels.reduce((sum, label) => sum + label, 0) / Math.max(1, train.rows);
  const seen = new Map<number, { rows: number; positives: number }>();
  for (let row = 0; row < train.rows; row += 1) {
    const id = idOf(train, row, field);
    let own = seen.get(id);
    if (own === undefined) seen.set(id, (own = { rows: 0, positives: 0 }));
    own.rows += 1;
    own.positives += train.labels[row]!;
  }
  return (id) => {
    const { rows, positives } = seen.get(id) ?? { rows: 0, positives: 0 };
    return (positives + smoothing * base) / (rows + smoothing);
  };
}

const idOf = ({ ids, fields }: LoadedExamples, row: number, field: number): number => ids[row * fields + field]!;
