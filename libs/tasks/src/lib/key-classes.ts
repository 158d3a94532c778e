import { findOperation } from '@adstocrat/transforms';
import type { Task } from './task.ts';

/**
 * What a changed key asks for. `data`: the files are read anew, into another span. `model`: a model is trained anew, on the span that is
 * there. `live`: nothing; who goes by it reads it when it is next needed: evaluation, rollouts, the join of labels, monitors, retraining.
 */
export type KeyClass = 'data' | 'model' | 'live';

export const keyClasses = {
  name: 'data',
  data: 'data',
  label: 'data',
  positive: 'data',
  unlabelled: 'data',
  id: 'data',
  eventTime: 'data',
  timeFormat: 'data',
  unit: 'data',
  item: 'data',
  image: 'data',
  notGuessed: 'data',
  // Their columns' roles are part of a span's schema.
  knownLater: 'data',
  weight: 'data',
  split: 'data',
  personal: 'data',
  // But for how a column's cells are read: see `readingOf`.
  features: 'model',
  training: 'model',
  impressions: 'live',
  window: 'live',
  slices: 'live',
  thresholds: 'live',
  rollout: 'live',
} as const satisfies Readonly<Record<keyof Task, KeyClass>>;

/**
 * How a declaration under `features` has a column's cells read: as numbers whatever else is in them, as names of which none is lost, not
 * at all; `told` where it only says that the column is a feature, and so neither the id nor the event time.
 */
export type ColumnReading = 'numeric' | 'names' | 'ignored' | 'told';

/** How the column is read, undefined where `features` says nothing of it. */
export function readingOf(features: Task['features'], column: string): ColumnReading | undefined {
  if (!Object.hasOwn(features, column)) return undefined;
  const operations = [features[column] ?? []].flat().map((one) => (typeof one === 'string' ? one : one.op));
  if (operations.includes('ignore')) return 'ignored';
  if (operations.includes('numeric') || operations.includes('buckets')) return 'numeric';
  return operations.some((one) => findOperation(one)?.ofNames) ? 'names' : 'told';
}

/** What stands between the values of a column that `features` says is a list; undefined where it says no such thing. */
export function listSeparator(features: Task['features'], column: string): string | undefined {
  if (!Object.hasOwn(features, column)) return undefined;
  for (const one of [features[column] ?? []].flat()) {
    const { op, ...given } = typeof one === 'string' ? { op: one } : one;
    const operation = findOperation(op);
    if (operation?.ofLists) return (operation.parameters.parse(given) as { readonly separator: string }).separator;
  }
  return undefined;
}

/** All of a task that decides what its data becomes: two tasks that agree in it have one span of one input. JSON-able. */
export function dataPart(task: Task): Readonly<Record<string, unknown>> {
  const keys = Object.entries(task).filter(([key]) => keyClasses[key as keyof Task] === 'data');
  const { features } = task;
  const readings = Object.keys(features).map((column) => [
    column,
    readingOf(features, column) ?? null,
    listSeparator(features, column) ?? null,
  ]);
  return { ...Object.fromEntries(keys), readings: readings.sort() };
}
