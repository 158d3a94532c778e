import type { DataSchema } from '@adstocrat/data-validation';
import type { ColumnStatistics, SpanStatistics } from '@adstocrat/statistics';
import type { DenseTransform, FieldTransform, ImageTransform, TransformGraph } from './transform-graph.ts';

/** Aggregates over the training rows that a graph is fitted from. */
export interface TransformAggregates {
  /** Terms by count, then bytes, with their counts. Asked for {@link TransformPlan.vocabularies}. */
  readonly vocabularies: ReadonlyMap<string, readonly { readonly value: string; readonly count: number }[]>;
  /** Ascending values at the plan's probabilities. */
  readonly quantiles: ReadonlyMap<string, readonly number[]>;
}

/** What to compute before {@link fitTransform}. */
export interface TransformPlan {
  readonly vocabularies: readonly string[];
  readonly quantiles: readonly string[];
  readonly times: readonly string[];
  readonly image?: string;
  /** Columns that are left out, with the reason. */
  readonly dropped: ReadonlyMap<string, string>;
}

export type FeatureOverride = 'ignore' | 'vocabulary' | 'numeric' | 'buckets';

/** Terms a vocabulary holds at most, and the rows a term must be seen in. */
export const vocabularyLimit = 50_000;
export const vocabularyMinCount = 5;
/** Probabilities of the bucket boundaries: 31 boundaries, 32 buckets. */
export const bucketProbabilities: readonly number[] = Array.from({ length: 31 }, (_, index) => (index + 1) / 32);
/** An integer column with fewer distinct values than this is categorical. */
const fewIntegers = 1000;

/** Decides how each raw column enters the model, from schema, statistics and the task's overrides. No name is looked at. */
export function planTransform(
  schema: DataSchema,
  statistics: SpanStatistics,
  overrides: Readonly<Record<string, FeatureOverride>>,
): TransformPlan {
  const vocabularies: string[] = [];
  const quantiles: string[] = [];
  const times: string[] = [];
  const dropped = new Map<string, string>();
  let image: string | undefined;
  for (const { name, role, type } of schema.columns) {
    const facts = statistics.columns.find((column) => column.name === name);
    const override = overrides[name];
    if (role === 'label' || role === 'id' || role === 'ignored')
      dropped.set(name, `is the ${role === 'ignored' ? 'task’s to ignore' : role}`);
    else if (role === 'image') image = name;
    else if (role === 'eventTime') times.push(name);
    else if (override === 'ignore') dropped.set(name, 'is the task’s to ignore');
    else if (facts === undefined || isConstant(facts)) dropped.set(name, 'has one value only');
    else if (
      override === 'vocabulary' ||
      (override === undefined && (type === 'string' || (type === 'integer' && isCategorical(facts))))
    ) {
      if (type === 'string' && allDiffer(facts)) dropped.set(name, 'has a different value in nearly every row');
      else vocabularies.push(name);
    } else if (facts.numeric === undefined) dropped.set(name, 'has no numbers');
    else quantiles.push(name);
  }
  return { vocabularies, quantiles, times, dropped, ...(image === undefined ? {} : { image }) };
}

function isConstant(facts: ColumnStatistics): boolean {
  if (facts.present === 0) return true;
  if (facts.missing > 0) return false;
  return facts.numeric === undefined ? facts.categorical?.distinct === 1 : facts.numeric.min === facts.numeric.max;
}

/** Few values, or ids: whole numbers with no spread that a distance would mean something on. */
function isCategorical(facts: ColumnStatistics): boolean {
  const distinct = facts.categorical?.distinct ?? Infinity;
  return distinct <= fewIntegers || distinct > 0.5 * ((facts.numeric?.max ?? 0) - (facts.numeric?.min ?? 0) + 1);
}

function allDiffer(facts: ColumnStatistics): boolean {
  return (facts.categorical?.distinct ?? 0) > 0.9 * facts.present;
}

/** Freezes the graph from its aggregates. */
export function fitTransform(
  plan: TransformPlan,
  statistics: SpanStatistics,
  aggregates: TransformAggregates,
  overrides: Readonly<Record<string, FeatureOverride>>,
  imageSize: number,
): TransformGraph {
  const fields: FieldTransform[] = [];
  const dense: DenseTransform[] = [];
  for (const column of plan.vocabularies) {
    const counted = aggregates.vocabularies.get(column) ?? [];
    const terms = counted.map(({ value }) => value);
    // Unknown values share as many buckets as a tenth of the known ones, so that new items are told apart a little.
    const oovBuckets = Math.max(1, Math.min(1000, Math.ceil(terms.length / 10)));
    fields.push({ kind: 'vocabulary', column, size: 1 + terms.length + oovBuckets, terms, oovBuckets });
  }
  for (const column of plan.quantiles) {
    const facts = statistics.columns.find(({ name }) => name === column);
    const boundaries = [...new Set(aggregates.quantiles.get(column) ?? [])].sort((a, b) => a - b);
    if (overrides[column] !== 'numeric')
      fields.push({ kind: 'buckets', column, size: boundaries.length + 2, boundaries });
    if (overrides[column] !== 'buckets' && facts?.numeric !== undefined) {
      const { mean, deviation } = facts.numeric;
      dense.push({ kind: 'standardized', column, mean, scale: deviation > 0 ? deviation : 1 });
      if (facts.missing > 0) dense.push({ kind: 'missing', column });
    }
  }
  for (const column of plan.times) {
    fields.push(
      { kind: 'hour', column, size: 25, offsetMinutes: 0 },
      { kind: 'weekday', column, size: 8, offsetMinutes: 0 },
    );
  }
  const image: ImageTransform | undefined =
    plan.image === undefined
      ? undefined
      : { column: plan.image, size: imageSize, mean: [0.5, 0.5, 0.5], scale: [0.25, 0.25, 0.25] };
  return { version: 1, fields, dense, ...(image === undefined ? {} : { image }) };
}
