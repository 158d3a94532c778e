import type { DataSchema } from '@adstocrat/data-validation';
import { PermanentFailure } from '@adstocrat/event-bus';
import type { ExampleEngine, Relation } from '@adstocrat/example-engine';
import { reservedColumns } from '@adstocrat/examples';
import type { SpanStatistics } from '@adstocrat/statistics';
import type { Task } from '@adstocrat/tasks';
import {
  type CompiledTransform,
  FeatureError,
  finishWithPauses,
  foldProbabilities,
  Folds,
  GraphFitter,
  needsFolds,
  planFeatures,
  type TransformGraph,
  type TransformPlan,
} from '@adstocrat/transforms';
import { textKinds } from './text-kinds.ts';

/** A fitted transform. */
export interface FittedTransform {
  readonly graph: TransformGraph;
  /** For the training rows alone: see `FittedGraph`. */
  readonly training: CompiledTransform;
  readonly plan: TransformPlan;
}

const batchRows = 8192;

/**
 * Plans the transform from schema, statistics and the task's `features`, and fits it in one pass over the training rows of all spans.
 * Throws a `PermanentFailure` for features that the data does not have.
 */
export async function fitGraph(options: {
  readonly engine: ExampleEngine;
  readonly train: Relation;
  readonly schema: DataSchema;
  readonly statistics: SpanStatistics;
  readonly task: Task;
  readonly onProgress: (done: number, total: number) => void;
}): Promise<FittedTransform> {
  const { engine, train, schema, statistics, task, onProgress } = options;
  const kinds = await textKinds(engine, train, schema, statistics);
  const plan = await permanent(() => planFeatures(schema, statistics, task, kinds));
  const folds = needsFolds(plan)
    ? new Folds(await engine.quantiles(train, reservedColumns.timeMs, foldProbabilities))
    : new Folds();
  const fitter = new GraphFitter(plan, folds);
  const rows = await engine.count(train);
  let done = 0;
  for await (const batch of engine.batches(train, { columns: fitter.columns, batchRows })) {
    fitter.add(batch);
    onProgress((done += batch.rows), rows);
    await pause();
  }
  const { graph, training, unfitted } = await permanent(() => finishWithPauses(fitter.finishing(), pause));
  return { graph, training, plan: { ...plan, dropped: new Map([...plan.dropped, ...unfitted]) } };
}

/** Lets others run. */
export const pause = (): Promise<unknown> => new Promise(setImmediate);

/** What is wrong with a task's features stays wrong: the run is not tried again. */
async function permanent<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof FeatureError) throw new PermanentFailure(error.message, { cause: error });
    throw error;
  }
}
