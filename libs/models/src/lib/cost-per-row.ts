import { parametersOf } from './forward.ts';
import type { ModelSpec } from './model-spec.ts';

/** Multiply-adds of one row without its image: every dense weight once, and the numbers that its ids look up. */
export function costPerRow(spec: ModelSpec): number {
  return parametersOf(spec).reduce((sum, { shape, table, fixed }) => {
    if (fixed === true) return sum;
    if (table !== undefined) return sum + spec.inputs.fields * (shape[1] ?? 1);
    return shape.length === 2 ? sum + shape[0]! * shape[1]! : sum;
  }, 0);
}
