import { auc, logLoss } from '@adstocrat/metrics';
import type { TransformGraph } from '@adstocrat/transforms';
import { type LoadedExamples, takeRows } from '../data/load-examples.ts';
import { shuffled } from '../model/shuffled.ts';
import type { ScoreRows } from './score-rows.ts';

/** Rows that are scored at most, all columns together, and for one of them. */
const [mostScored, mostRows] = [200_000, 10_000] as const;

/** What a column's values are worth to the model: how much worse it is where they are dealt out anew among the rows. */
export interface Importance {
  readonly column: string;
  /** Mean log-loss with the values dealt out anew, less that with the true ones. */
  readonly lossRise: number;
  readonly aucFall: number;
}

/**
 * Each column's importance on held-out rows, evenly drawn, the largest first. All that is made of a column is dealt out together, so that its parts
 * still agree. Source: L. Breiman, "Random Forests", 2001, section 10.
 */
export async function permutationImportance(
  graph: TransformGraph,
  examples: LoadedExamples,
  scoreRows: ScoreRows,
): Promise<readonly Importance[]> {
  const columns = [
    ...new Set([...graph.fields, ...graph.dense, ...(graph.image ? [graph.image] : [])].map(({ column }) => column)),
  ];
  const count = Math.min(examples.rows, mostRows, Math.max(100, Math.floor(mostScored / Math.max(1, columns.length))));
  const rows = evenly(examples, count);
  const { labels } = rows;
  const scores = await scoreRows(rows);
  const [loss, area] = [logLoss({ scores, labels }), auc({ scores, labels })];
  const found: Importance[] = [];
  for (const [index, column] of columns.entries()) {
    const dealt = await scoreRows(dealtOut(graph, rows, column, shuffled(count, index + 1)));
    found.push({
      column,
      lossRise: logLoss({ scores: dealt, labels }) - loss,
      aucFall: area - auc({ scores: dealt, labels }),
    });
  }
  return found.toSorted((a, b) => b.lossRise - a.lossRise);
}

function evenly(examples: LoadedExamples, count: number): LoadedExamples {
  const positions = Int32Array.from({ length: count }, (_, at) => Math.floor((at * examples.rows) / count));
  const { batch, labels } = takeRows(examples, positions);
  const { images, ...others } = batch;
  return { ...examples, ...others, labels, ...(images && { images }) };
}

/** The rows with one column's ids, numbers and image taken from other rows. */
function dealtOut(graph: TransformGraph, rows: LoadedExamples, column: string, from: Int32Array): LoadedExamples {
  const [ids, dense] = [Int32Array.from(rows.ids), Float32Array.from(rows.dense)];
  for (const [field, slot] of graph.fields.entries()) {
    if (slot.column !== column) continue;
    for (const [row, other] of from.entries()) ids[row * rows.fields + field] = rows.ids[other * rows.fields + field]!;
  }
  for (const [input, dimension] of graph.dense.entries()) {
    if (dimension.column !== column) continue;
    for (const [row, other] of from.entries())
      dense[row * rows.denseWidth + input] = rows.dense[other * rows.denseWidth + input]!;
  }
  const shown = rows.images;
  const dealt = shown && graph.image?.column === column ? Int32Array.from(from, (other) => shown[other]!) : shown;
  return { ...rows, ids, dense, ...(dealt && { images: dealt }) };
}
