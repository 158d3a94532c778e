import { type ColumnarBatch, reservedColumns } from '@adstocrat/examples';
import { CompiledTransform, type TrainingWriter } from './compiled-transform.ts';
import { foldColumns, Folds } from './folds.ts';
import type { Answers, Needs } from './operation.ts';
import { FeatureError, type PlannedFeature, type TransformPlan } from './plan-features.ts';
import { type FittedFeature, graphOf, type TransformGraph } from './transform-graph.ts';

/** A fitted graph, and how it is applied to the rows that it was fitted on. */
export interface FittedGraph {
  readonly graph: TransformGraph;
  /**
   * For training rows: what looks at labels gives a row its values from other rows. For all other rows, a `CompiledTransform` of the
   * graph. The same graph; its batches need `columns`.
   */
  readonly training: CompiledTransform;
  /** Columns whose operation found nothing to fit, with the reason. */
  readonly unfitted: ReadonlyMap<string, string>;
}

/**
 * Fits a plan in one pass over the training rows, in their order. Reads cells as the graph will read them, so that what is fitted is what
 * is applied. The same rows in the same order give the same graph, however they are cut into batches.
 */
export class GraphFitter {
  /** Columns that batches must have. */
  readonly columns: readonly string[];
  readonly #plan: TransformPlan;
  readonly #needs: readonly (PlannedFeature & { readonly needs: Needs })[];
  readonly #folds: Folds;
  readonly #folded: boolean;
  #rows = 0;

  constructor(plan: TransformPlan, folds = new Folds()) {
    this.#plan = plan;
    this.#folds = folds;
    this.#folded = needsFolds(plan);
    this.#needs = plan.features.map((feature) => ({
      ...feature,
      needs: feature.operation.needs(feature.parameters) as Needs,
    }));
    this.columns = [
      ...new Set(plan.features.flatMap(({ columns }) => columns)),
      reservedColumns.label,
      ...(this.#folded ? foldColumns : []),
    ];
  }

  add(batch: ColumnarBatch): void {
    const { rows, columns: all } = batch;
    const labels = all.get(reservedColumns.label)?.values as ArrayLike<number>;
    const folds = new Uint8Array(rows);
    if (this.#folded) {
      const [times, ids] = foldColumns.map((name) => all.get(name));
      for (let row = 0; row < rows; row += 1) folds[row] = this.#folds.at(times, ids, row);
    }
    for (const { columns: names, needs } of this.#needs) {
      const columns = names.map((name) => all.get(name));
      for (const aggregate of Object.values(needs))
        aggregate.add({ columns, rows, firstRow: this.#rows, labels, folds });
    }
    this.#rows += rows;
  }

  finish(): FittedGraph {
    const features: FittedFeature[] = [];
    const writers = new Map<number, TrainingWriter>();
    const unfitted = new Map<string, string>();
    for (const { operation, parameters, columns, needs } of this.#needs) {
      const answers = Object.fromEntries(
        Object.entries(needs).map(([name, aggregate]) => [name, aggregate.result()]),
      ) as Answers<Needs>;
      const fitted = fittedOf(columns[0] ?? '', () => operation.fit(answers, parameters));
      if (fitted === undefined) {
        unfitted.set(columns[0] ?? '', `has no value that ${operation.name} could be fitted to`);
        continue;
      }
      const writer = operation.compileTraining?.(answers, parameters, this.#folds);
      if (writer !== undefined) writers.set(features.length, { columns: [...columns, ...foldColumns], writer });
      features.push({ op: operation.name, columns, ...fitted });
    }
    const { image, fixed } = this.#plan;
    const graph = graphOf(features, { ...(image && { image }), ...(fixed && { fixed }) });
    return { graph, training: new CompiledTransform(graph, writers), unfitted };
  }
}

/** Throws {@link FeatureError} with the feature's key where the data does not tell what its parameters leave open. */
function fittedOf<T>(column: string, fit: () => T): T {
  try {
    return fit();
  } catch (error) {
    if (error instanceof RangeError) throw new FeatureError(`features.${column}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** Whether training rows fall into folds: where an operation looks at labels or counts rows. */
export function needsFolds({ features }: TransformPlan): boolean {
  return features.some(({ operation }) => operation.compileTraining !== undefined);
}
