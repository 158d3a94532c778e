import { featuresOf } from '../model-spec.ts';
import type { LayerKind } from './layer-kind.ts';

/** One vector for each feature: the sum of those of its ids, where it gives several. */
export interface PoolLayer {
  readonly op: 'pool';
  readonly name: string;
  /** The ids' vectors side by side, all `units` wide. */
  readonly of: string;
  readonly units: number;
}

export const pool: LayerKind<PoolLayer> = {
  width: ({ units }, { inputs }) => featuresOf(inputs) * units,
  parameters: () => [],
  // A sum is a product with ones and zeros.
  cost: ({ units }, { slots = [] }) => slots.reduce((sum, count) => sum + (count > 1 ? count * units * units : 0), 0),
  apply: ({ of, units }, { inputs }, operators, valueOf) =>
    inputs.slots === undefined ? valueOf(of) : operators.sumSlots(valueOf(of), inputs.slots, units),
};
