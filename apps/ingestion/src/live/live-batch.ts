import type { DataSchema } from '@adstocrat/data-validation';
import { type Column, type ColumnarBatch, type ColumnType, reservedColumns } from '@adstocrat/examples';
import type { events } from '@adstocrat/schemas';

/** Labelled live examples as rows of a span: every raw column of the schema but the label, and the reserved columns. */
export function liveBatch(examples: readonly events.ExampleLabelled[], schema: DataSchema): ColumnarBatch {
  const columns = new Map<string, Column>();
  for (const { name, type, role } of schema.columns) {
    if (role === 'label') continue;
    columns.set(
      name,
      role === 'id'
        ? { type: 'string', values: examples.map(({ prediction }) => prediction?.predictionId ?? null) }
        : columnOf(
            type,
            examples.map(({ prediction }) => prediction?.features[name]),
          ),
    );
  }
  columns.set(reservedColumns.label, {
    type: 'integer',
    values: Float64Array.from(examples, ({ label }) => (label ? 1 : 0)),
  });
  columns.set(reservedColumns.id, {
    type: 'string',
    values: examples.map(({ prediction }) => prediction?.predictionId ?? null),
  });
  columns.set(reservedColumns.timeMs, {
    type: 'float',
    values: Float64Array.from(examples, ({ prediction }) => prediction?.eventTimeMs ?? NaN),
  });
  return { rows: examples.length, columns };
}

function columnOf(type: ColumnType, values: readonly (events.FeatureValue | undefined)[]): Column {
  const given = values.map((value) => value?.text ?? value?.integer ?? value?.number ?? null);
  return type === 'string'
    ? { type, values: given.map((value) => (value === null ? null : String(value))) }
    : { type, values: Float64Array.from(given, (value) => (value === null ? NaN : Number(value))) };
}
