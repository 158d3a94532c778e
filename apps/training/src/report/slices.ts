import { type RowMetrics, rowMetrics } from '@adstocrat/metrics';
import { type FittedFeature, placedFeatures, type TransformGraph } from '@adstocrat/transforms';
import type { LoadedExamples } from '../data/load-examples.ts';

/** Values of a column of which each has a line, at most. */
const mostValues = 12;

/** The rows that share one value of a column, judged on their own. */
export interface SliceFigures extends RowMetrics {
  readonly column: string;
  readonly value: string;
}

/** Held-out figures by the values of each column that has few of them. Yields to the event loop meanwhile. */
export async function sliceFigures(
  graph: TransformGraph,
  { rows, fields, ids, labels }: LoadedExamples,
  scores: Float64Array,
): Promise<readonly SliceFigures[]> {
  const slices: SliceFigures[] = [];
  for (const { column, field, offset, terms } of columnsOf(graph))
    for (const [term, value] of terms.entries()) {
      await new Promise(setImmediate);
      const own: number[] = [];
      for (let row = 0; row < rows; row += 1) if (ids[row * fields + field] === offset + 1 + term) own.push(row);
      if (own.length === 0) continue;
      const of = { scores: Float64Array.from(own, (row) => scores[row]!), labels: own.map((row) => labels[row]!) };
      slices.push({ column, value, ...rowMetrics(of) });
    }
  return slices;
}

/** Columns with a vocabulary of few terms, whose ids follow the one of what is missing. */
function columnsOf(graph: TransformGraph): readonly {
  readonly column: string;
  readonly field: number;
  readonly offset: number;
  readonly terms: readonly string[];
}[] {
  return placedFeatures(graph).flatMap(({ feature, field, offset }) => {
    if (feature.op !== 'vocabulary') return [];
    const { terms } = (feature as FittedFeature<{ readonly terms: readonly string[] }>).state;
    return terms.length < 2 || terms.length > mostValues
      ? []
      : [{ column: feature.columns[0] ?? '', field, offset, terms }];
  });
}
