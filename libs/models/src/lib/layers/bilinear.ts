import { denseParameters } from '../parameter.ts';
import type { LayerKind } from './layer-kind.ts';

/**
 * What two streams say together: leftᵀ · kernel · right + bias · right, one wide. It begins by saying nothing.
 * Source: K. Mao et al., "FinalMLP: An Enhanced Two-Stream MLP Model for CTR Prediction", 2023, its fusion with one head.
 */
export interface BilinearLayer {
  readonly op: 'bilinear';
  readonly name: string;
  readonly left: string;
  readonly right: string;
}

export const bilinear: LayerKind<BilinearLayer> = {
  width: () => 1,
  parameters: ({ name, left, right }, { widthOf }) => denseParameters(name, widthOf(left), widthOf(right), 'zeros'),
  apply: ({ name, left, right }, { widthOf }, operators, valueOf) => {
    const mixed = operators.dense(
      valueOf(left),
      operators.parameter(`${name}.kernel`),
      operators.parameter(`${name}.bias`),
      false,
    );
    return operators.sumGroups(operators.multiply(mixed, valueOf(right)), widthOf(right), 1);
  },
};
