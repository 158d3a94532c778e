import type { LayerKind } from './layer-kind.ts';

/** Σ weight · layer over layers of one width. */
export interface WeightedSumLayer {
  readonly op: 'weighted-sum';
  readonly name: string;
  readonly of: readonly { readonly layer: string; readonly weight: number }[];
}

export const weightedSum: LayerKind<WeightedSumLayer> = {
  width: ({ of }, { widthOf }) => widthOf(of[0]?.layer ?? ''),
  parameters: () => [],
  apply: ({ of }, _scope, operators, valueOf) =>
    of
      .map(({ layer, weight }) => (weight === 1 ? valueOf(layer) : operators.scale(valueOf(layer), weight)))
      .reduce((sum, one) => operators.add(sum, one)),
};
