import type { LayerKind } from './layer-kind.ts';

/** The linear part over ids: each id's own weight, summed. One wide; without a bias. */
export interface WideLayer {
  readonly op: 'wide';
  readonly name: string;
  /** Strength of the prior that draws each weight to 0, in examples. */
  readonly l2: number;
}

export const wide: LayerKind<WideLayer> = {
  width: () => 1,
  parameters: ({ name, l2 }, { inputs }) => [
    { name: `${name}.table`, shape: [inputs.idRows, 1], initial: 'zeros', fanIn: 1, fanOut: 1, table: { l2 } },
  ],
  apply: ({ name }, { inputs }, operators) =>
    operators.sumGroups(operators.lookUp(`${name}.table`, inputs.fields, 1), inputs.fields, 1),
};
