import { PermanentFailure } from '@adstocrat/event-bus';
import type { ExampleEngine, Relation } from '@adstocrat/example-engine';
import { type ColumnarBatch, reservedColumns } from '@adstocrat/examples';
import { splitMix32 } from '@adstocrat/models';
import { parseDurationMs, parseShare, type Task } from '@adstocrat/tasks';

/** How much training rows count, and which of them are left out. */
export interface RowRule {
  readonly weighted: boolean;
  /** Column of weights with its mean, which a row without a weight has. */
  readonly weight?: { readonly column: string; readonly mean: number };
  /** A row counts half for each so much that it is older than the newest time; one that is newer still counts as one of that time. */
  readonly recency?: { readonly halfLifeMs: number; readonly newestMs: number };
  /** Share of the negative rows that is kept, in (0, 1]. */
  readonly negativeShare: number;
  readonly seed: number;
}

/** The task's rule for these rows; undefined where all count alike and none is left out. Throws a `PermanentFailure` where the data cannot be weighted so. */
export async function rowRuleOf(task: Task, engine: ExampleEngine, train: Relation): Promise<RowRule | undefined> {
  const { halfLife, negatives = '100%', seed = 1 } = task.training;
  const negativeShare = parseShare(negatives);
  const weight = task.weight === undefined ? undefined : await weightOf(task.weight, engine, train);
  const recency = halfLife === undefined ? undefined : await recencyOf(parseDurationMs(halfLife), engine, train);
  const weighted = weight !== undefined || recency !== undefined;
  if (!weighted && negativeShare === 1) return undefined;
  return { weighted, negativeShare, seed, ...(weight && { weight }), ...(recency && { recency }) };
}

async function weightOf(
  column: string,
  engine: ExampleEngine,
  train: Relation,
): Promise<NonNullable<RowRule['weight']>> {
  const { count, mean, min, max } = await engine.moments(train, column);
  const refuse = (reason: string): PermanentFailure => new PermanentFailure(`weight: "${column}" ${reason}`);
  if (count === 0) throw refuse('has no number in any training row');
  if (!(min >= 0 && max < Infinity)) throw refuse(`must be numbers of 0 and more, and lies between ${min} and ${max}`);
  if (mean === 0) throw refuse('is 0 in every training row: nothing would count');
  return { column, mean };
}

/** Share of the rows whose clocks may run ahead, one row at least: the year 2099 on one of them would make all others old. */
const wrongClocks = 0.001;

async function recencyOf(
  halfLifeMs: number,
  engine: ExampleEngine,
  train: Relation,
): Promise<NonNullable<RowRule['recency']>> {
  const { count, max } = await engine.moments(train, reservedColumns.timeMs);
  if (count === 0)
    throw new PermanentFailure('training.halfLife: rows have no event time to be old by (task.yaml: eventTime)');
  if (!(halfLifeMs > 0)) throw new PermanentFailure('training.halfLife: must be longer than 0');
  const few = Math.max(1, Math.ceil(count * wrongClocks));
  const [others = max] = await engine.quantiles(train, reservedColumns.timeMs, [
    Math.max(0, (count - few - 0.5) / count),
  ]);
  return { halfLifeMs, newestMs: Math.min(max, others + halfLifeMs) };
}

/** Columns that a rule reads beside the label. */
export function ruleColumns({ weight, recency }: RowRule): readonly string[] {
  return [...(weight === undefined ? [] : [weight.column]), ...(recency === undefined ? [] : [reservedColumns.timeMs])];
}

/** Positions of the rows that are kept: all positives, and each negative by a draw that its place in the data and the seed decide. */
export function keptRows(
  { negativeShare, seed }: RowRule,
  labels: Float64Array,
  first: number,
): Int32Array | undefined {
  if (negativeShare === 1) return undefined;
  const below = negativeShare * 2 ** 32;
  const mixed = Math.imul(seed, 0x9e3779b9);
  const kept = new Int32Array(labels.length);
  let count = 0;
  for (let row = 0; row < labels.length; row += 1) {
    // Mixed twice: generators of neighbouring seeds are one sequence, shifted.
    const draw = splitMix32(splitMix32(mixed ^ (first + row))())();
    if (labels[row] === 1 || draw < below) kept[count++] = row;
  }
  return kept.subarray(0, count);
}

/** What each row counts, on no scale yet; undefined where all count alike. */
export function weightsOf(
  { weighted, weight, recency }: RowRule,
  { rows, columns }: ColumnarBatch,
): Float32Array | undefined {
  if (!weighted) return undefined;
  const own = weight && (columns.get(weight.column)?.values as Float64Array | undefined);
  const times = recency && (columns.get(reservedColumns.timeMs)?.values as Float64Array | undefined);
  return Float32Array.from({ length: rows }, (_, row) => {
    const counts = own?.[row] ?? NaN;
    const ageMs = recency === undefined ? 0 : Math.max(0, recency.newestMs - (times?.[row] ?? NaN));
    const fresh = recency === undefined || Number.isNaN(ageMs) ? 1 : 2 ** (-ageMs / recency.halfLifeMs);
    return (Number.isNaN(counts) ? 1 : counts / (weight?.mean ?? 1)) * fresh;
  });
}
