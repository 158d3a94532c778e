import type { LayerKind } from './layer-kind.ts';

/** In training a share of the values is zeroed and the rest scaled up. Source: N. Srivastava et al., "Dropout", 2014. */
export interface DropoutLayer {
  readonly op: 'dropout';
  readonly name: string;
  readonly of: string;
  /** In [0, 1). */
  readonly rate: number;
}

export const dropout: LayerKind<DropoutLayer> = {
  width: ({ of }, { widthOf }) => widthOf(of),
  parameters: () => [],
  apply: ({ of, rate }, _scope, operators, valueOf) => operators.dropout(valueOf(of), rate),
};
