import type { NamedColumn } from '@adstocrat/example-engine';
import { type Column, type ColumnarBatch, reservedColumns } from '@adstocrat/examples';
import type { events } from '@adstocrat/schemas';

/** Columns of a shard: the raw columns as text, whatever they are in the schema of the day, and the reserved ones. */
export function shardColumns(raw: readonly string[]): readonly NamedColumn[] {
  return [
    ...raw.map((name) => ({ name, type: 'string' as const })),
    { name: reservedColumns.label, type: 'integer' },
    { name: reservedColumns.id, type: 'string' },
    { name: reservedColumns.timeMs, type: 'float' },
  ];
}

/** Labelled rows as rows of a shard. `id` is the raw column that holds the prediction's id. */
export function shardBatch(
  examples: readonly events.ExampleLabelled[],
  raw: readonly string[],
  id: string | undefined,
): ColumnarBatch {
  const ids = examples.map(({ prediction }) => prediction?.predictionId ?? null);
  const texts = (name: string): readonly (string | null)[] =>
    name === id ? ids : examples.map(({ prediction }) => textOf(prediction?.features[name]));
  const columns = new Map<string, Column>(raw.map((name) => [name, { type: 'string', values: texts(name) }]));
  const labels = Float64Array.from(examples, ({ label }) => (label ? 1 : 0));
  const times = Float64Array.from(examples, ({ prediction }) => prediction?.eventTimeMs ?? NaN);
  columns.set(reservedColumns.label, { type: 'integer', values: labels });
  columns.set(reservedColumns.id, { type: 'string', values: ids });
  columns.set(reservedColumns.timeMs, { type: 'float', values: times });
  return { rows: examples.length, columns };
}

/** A feature as text; null where it is missing: not there, empty, NaN. */
function textOf(value: events.FeatureValue | undefined): string | null {
  const given = value?.text ?? value?.integer ?? value?.number;
  if (given === undefined || given === '' || Number.isNaN(given)) return null;
  return String(given);
}
