import type { LayerKind } from './layer-kind.ts';

/** Each id's own vector, the fields side by side. */
export interface EmbeddingLayer {
  readonly op: 'embedding';
  readonly name: string;
  /** Numbers an id. */
  readonly units: number;
  /** Strength of the prior that draws each vector to 0, in examples: the penalty is l2 / 2 · ‖vector‖² over a whole epoch. */
  readonly l2: number;
}

export const embedding: LayerKind<EmbeddingLayer> = {
  width: ({ units }, { inputs }) => inputs.fields * units,
  parameters: ({ name, units, l2 }, { inputs }) => [
    { name: `${name}.table`, shape: [inputs.idRows, units], initial: 'small', fanIn: 1, fanOut: 1, table: { l2 } },
  ],
  apply: ({ name, units }, { inputs }, operators) => operators.lookUp(`${name}.table`, inputs.fields, units),
};
