import type { LayerKind } from './layer-kind.ts';

/** The row's numbers as they come. */
export interface NumbersLayer {
  readonly op: 'numbers';
  readonly name: string;
}

export const numbers: LayerKind<NumbersLayer> = {
  width: (_layer, { inputs }) => inputs.dense,
  parameters: () => [],
  apply: (_layer, _scope, operators) => operators.numbers(),
};
