import { denseParameters } from '../parameter.ts';
import type { LayerKind } from './layer-kind.ts';

/** A fully connected layer, with a rectifier unless it is the last. */
export interface DenseLayer {
  readonly op: 'dense';
  readonly name: string;
  readonly of: string;
  readonly units: number;
  readonly rectified: boolean;
  /** `zeros`: begins by saying nothing. */
  readonly initial?: 'zeros';
}

export const dense: LayerKind<DenseLayer> = {
  width: ({ units }) => units,
  parameters: ({ name, of, units, initial }, { widthOf }) => denseParameters(name, widthOf(of), units, initial),
  apply: ({ name, of, rectified }, _scope, operators, valueOf) =>
    operators.dense(valueOf(of), operators.parameter(`${name}.kernel`), operators.parameter(`${name}.bias`), rectified),
};
