import { featuresOf } from '../model-spec.ts';
import type { LayerKind } from './layer-kind.ts';

/** A number for each id, the features side by side, summed where one gives several ids: what something that takes numbers reads of ids. Fixed in training. */
export interface IdNumbersLayer {
  readonly op: 'id-numbers';
  readonly name: string;
}

export const idNumbers: LayerKind<IdNumbersLayer> = {
  width: (_layer, { inputs }) => featuresOf(inputs),
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
  apply: ({ name }, { inputs: { fields, slots } }, operators) => {
    const numbers = operators.lookUp(`${name}.table`, fields, 1);
    return slots === undefined ? numbers : operators.sumSlots(numbers, slots, 1);
  },
};
