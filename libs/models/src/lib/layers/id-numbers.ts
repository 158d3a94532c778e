import type { LayerKind } from './layer-kind.ts';

/** A number for each id, the fields side by side: what something that takes numbers reads of ids. Fixed in training. */
export interface IdNumbersLayer {
  readonly op: 'id-numbers';
  readonly name: string;
}

export const idNumbers: LayerKind<IdNumbersLayer> = {
  width: (_layer, { inputs }) => inputs.fields,
  parameters: ({ name }, { inputs }) => [
    {
      name: `${name}.table`,
      shape: [inputs.idRows, 1],
      initial: 'zeros',
      fanIn: 1,
      fanOut: 1,
      table: { l2: 0 },
      fixed: true,
    },
  ],
  apply: ({ name }, { inputs }, operators) => operators.lookUp(`${name}.table`, inputs.fields, 1),
};
