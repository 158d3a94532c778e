import type { CrossMultipliers } from '../cross-table.ts';
import type { LayerKind } from './layer-kind.ts';

/** What is remembered of pairs of ids, one wide: the sum of the weights of those that a row has. Fitted at once and fixed in training. */
export interface CrossesLayer {
  readonly op: 'crosses';
  readonly name: string;
  /** Of each pair of features, the places of their ids in a row. */
  readonly of: readonly (readonly [number, number])[];
  /** Of the table that the pairs lie in, see `CrossTable`. */
  readonly slots: number;
  readonly multipliers: CrossMultipliers;
}

/** Hashing, comparing and adding for one pair of features, in multiply-adds. */
const costOfPair = 16;

export const crosses: LayerKind<CrossesLayer> = {
  width: () => 1,
  parameters: ({ name, slots }) =>
    ['firsts', 'seconds', 'weights'].map((part) => ({
      name: `${name}.${part}`,
      shape: [slots],
      initial: 'zeros',
      fanIn: 1,
      fanOut: 1,
      fixed: true,
    })),
  cost: ({ of }) => of.length * costOfPair,
  apply: ({ name, of, multipliers }, { inputs }, operators) => {
    const [firsts, seconds, weights] = ['firsts', 'seconds', 'weights'].map((part) =>
      operators.parameter(`${name}.${part}`),
    );
    const table = { firsts: firsts!, seconds: seconds!, weights: weights!, multipliers };
    return operators.crosses(inputs.fields, of, table);
  },
};
