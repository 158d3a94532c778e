import type { DataSchema } from '@adstocrat/data-validation';
import type { ExampleEngine, Relation } from '@adstocrat/example-engine';
import type { ColumnStatistics, SpanStatistics } from '@adstocrat/statistics';
import type { Task } from '@adstocrat/tasks';
import {
  bucketProbabilities,
  fitTransform,
  planTransform,
  type TransformGraph,
  type TransformPlan,
  vocabularyLimit,
  vocabularyMinCount,
} from '@adstocrat/transforms';

/** Width and height that images are brought to. */
export const imageSize = 32;

/** Plans the transform from the schema and fits it on the training rows of all spans. */
export async function fitGraph(options: {
  readonly engine: ExampleEngine;
  readonly train: Relation;
  readonly schema: DataSchema;
  readonly statistics: SpanStatistics;
  readonly task: Task;
  readonly onProgress: (done: number, total: number) => void;
}): Promise<{ readonly graph: TransformGraph; readonly plan: TransformPlan }> {
  const { engine, train, schema, task, onProgress } = options;
  const plan = planTransform(schema, options.statistics, task.features);
  const total = plan.vocabularies.length + plan.quantiles.length;
  let done = 0;
  const vocabularies = new Map<string, readonly { readonly value: string; readonly count: number }[]>();
  for (const column of plan.vocabularies) {
    const { terms } = await engine.vocabulary(train, column, { limit: vocabularyLimit, minCount: vocabularyMinCount });
    vocabularies.set(column, terms);
    onProgress((done += 1), total);
  }
  const quantiles = new Map<string, readonly number[]>();
  const measured = new Map<string, ColumnStatistics>();
  for (const column of plan.quantiles) {
    const { count, missing, ...moments } = await engine.moments(train, column);
    if (count > 0) quantiles.set(column, await engine.quantiles(train, column, bucketProbabilities));
    const known = options.statistics.columns.find(({ name }) => name === column);
    if (known !== undefined && count > 0)
      measured.set(column, { ...known, present: count, missing, numeric: { ...moments, deciles: [] } });
    onProgress((done += 1), total);
  }
  const statistics: SpanStatistics = {
    ...options.statistics,
    columns: options.statistics.columns.map((column) => measured.get(column.name) ?? column),
  };
  const graph = fitTransform(plan, statistics, { vocabularies, quantiles }, task.features, imageSize);
  return { graph, plan };
}
