import { denseParameters } from '../parameter.ts';
import type { LayerKind } from './layer-kind.ts';

/** One cross layer: first ⊙ (kernel · x + bias) + x. Source: R. Wang et al., "DCN V2", 2021, the full-matrix form. */
export interface CrossLayer {
  readonly op: 'cross';
  readonly name: string;
  /** The input of the whole stack. */
  readonly first: string;
  readonly of: string;
}

export const cross: LayerKind<CrossLayer> = {
  width: ({ first }, { widthOf }) => widthOf(first),
  parameters: ({ name, first }, { widthOf }) => denseParameters(name, widthOf(first), widthOf(first)),
  apply: ({ name, first, of }, _scope, operators, valueOf) => {
    const x = valueOf(of);
    const mixed = operators.dense(x, operators.parameter(`${name}.kernel`), operators.parameter(`${name}.bias`), false);
    return operators.add(operators.multiply(valueOf(first), mixed), x);
  },
};
