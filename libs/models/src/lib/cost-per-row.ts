import { parametersOf } from './forward.ts';
import { kindOf } from './layers/layers.ts';
import type { ModelSpec } from './model-spec.ts';

/** Multiply-adds of one row without its image: every dense weight once, the numbers that its ids look up, and comparisons of trees. */
export function costPerRow(spec: ModelSpec): number {
  const own = spec.layers.reduce((sum, layer) => sum + (kindOf(layer).cost?.(layer, spec.inputs) ?? 0), 0);
  return parametersOf(spec).reduce((sum, { shape, table, fixed }) => {
    if (fixed === true) return sum;
    if (table !== undefined) return sum + spec.inputs.fields * (shape[1] ?? 1);
    return shape.length === 2 ? sum + shape[0]! * shape[1]! : sum;
  }, own);
}
