import { type Column, type ColumnarBatch, columnOf, type RawValue, reservedColumns } from '@adstocrat/examples';
import type { Folds } from '../lib/folds.ts';
import { type FittedGraph, GraphFitter } from '../lib/graph-fitter.ts';
import type { PlannedFeature } from '../lib/plan-features.ts';
import { operationOf } from '../lib/operations/index.ts';

/** A column as a spec writes it: text where any cell is, else numbers. */
export function columnFrom(cells: readonly RawValue[]): Column {
  return columnOf(cells.some((cell) => typeof cell === 'string') ? 'string' : 'float', cells);
}

export function batchOf(columns: Readonly<Record<string, readonly RawValue[]>>): ColumnarBatch {
  const entries = Object.entries(columns);
  return {
    rows: entries[0]?.[1].length ?? 0,
    columns: new Map(entries.map(([name, cells]) => [name, columnFrom(cells)])),
  };
}

/** An operation with its parameters checked, planned on a column named `x` and those it takes besides. */
export function planned(op: string, parameters: object = {}, column = 'x'): PlannedFeature {
  const operation = operationOf(op);
  const parsed: unknown = operation.parameters.parse(parameters);
  const complete: unknown = operation.complete?.(parsed, { column }) ?? parsed;
  return { operation, parameters: complete, columns: [column, ...(operation.takes?.(complete) ?? [])] };
}

/** Features fitted on rows; `adstocrat.label` and the other reserved columns may be among them. */
export function fitOn(
  features: readonly PlannedFeature[],
  columns: Readonly<Record<string, readonly RawValue[]>>,
  folds?: Folds,
): FittedGraph {
  const fitter = new GraphFitter({ features, dropped: new Map() }, folds);
  const rows = Object.values(columns)[0]?.length ?? 0;
  fitter.add(batchOf({ [reservedColumns.label]: Array<number>(rows).fill(0), ...columns }));
  return fitter.finish();
}
