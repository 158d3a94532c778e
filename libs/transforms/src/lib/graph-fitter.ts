import { type ColumnarBatch, reservedColumns } from '@adstocrat/examples';
import { CompiledTransform, type TrainingWriter } from './compiled-transform.ts';
import { foldColumns, Folds } from './folds.ts';
import type { HeldTerms } from './aggregates/aggregate.ts';
import type { Answers, Needs } from './operation.ts';
import { FeatureError, type PlannedFeature, type TransformPlan } from './plan-features.ts';
import { finish, type Steps } from './steps.ts';
import { type FittedFeature, graphOf, type TransformGraph } from './transform-graph.ts';

/** Terms that all features hold together while they are counted, some 120 bytes each. */
const heldTerms = 2 ** 23;

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
 * is applied. The same rows in the same order give the same graph, however they are cut into batches, as long as their terms have room.
 */
export class GraphFitter {
  /** Columns that batches must have. */
  readonly columns: readonly string[];
  readonly #plan: TransformPlan;
  readonly #needs: readonly (PlannedFeature & { readonly needs: Needs })[];
  readonly #folds: Folds;
  readonly #folded: boolean;
  readonly #terms: readonly HeldTerms[];
  readonly #mostTerms: number;
  #rows = 0;

  /** `mostTerms`: that all features hold together while they are counted. */
  constructor(plan: TransformPlan, folds = new Folds(), mostTerms: number = heldTerms) {
    this.#plan = plan;
    this.#folds = folds;
    this.#folded = needsFolds(plan);
    this.#needs = plan.features.map((feature) => ({
      ...feature,
      needs: feature.operation.needs(feature.parameters) as Needs,
    }));
    const figures = this.#needs.flatMap(({ needs }) => Object.values(needs));
    const sharing = figures.filter(({ shareRoom }) => shareRoom !== undefined);
    for (const { shareRoom } of sharing) shareRoom?.(sharing.length);
    this.#terms = figures.flatMap(({ terms }) => terms ?? []);
    this.#mostTerms = mostTerms;
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
    this.#forgetTerms();
  }

  /** The figure with the most terms lets its rarest go, until all have room. */
  #forgetTerms(): void {
    for (;;) {
      const counts = this.#terms.map((terms) => terms.count());
      if (counts.reduce((sum, count) => sum + count, 0) <= this.#mostTerms) return;
      this.#terms[counts.indexOf(Math.max(...counts))]?.forget();
    }
  }

  finish(): FittedGraph {
    return finish(this.finishing());
  }

  /** As {@link finish}, in steps: each column's terms or numbers are sorted, which may be millions. */
  *finishing(): Steps<FittedGraph> {
    const features: FittedFeature[] = [];
    const writers = new Map<number, TrainingWriter>();
    const unfitted = new Map<string, string>();
    for (const { operation, parameters, columns, needs } of this.#needs) {
      const results: (readonly [string, unknown])[] = [];
      for (const [name, aggregate] of Object.entries(needs)) {
        results.push([name, aggregate.result()]);
        yield;
      }
      const answers = Object.fromEntries(results) as Answers<Needs>;
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
    return { graph, training: yield* CompiledTransform.compiling(graph, writers), unfitted };
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
