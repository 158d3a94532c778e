import type { LayerKind } from './layer-kind.ts';

/** Adds one number to a value one wide. It begins as the log-odds of the base rate. */
export interface BiasLayer {
  readonly op: 'bias';
  readonly name: string;
  readonly of: string;
}

export const bias: LayerKind<BiasLayer> = {
  width: () => 1,
  parameters: ({ name }) => [{ name: `${name}.bias`, shape: [1], initial: 'log-odds', fanIn: 1, fanOut: 1 }],
  apply: ({ name, of }, _scope, operators, valueOf) =>
    operators.addBias(valueOf(of), operators.parameter(`${name}.bias`)),
};
