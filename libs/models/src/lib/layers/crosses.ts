import type { CrossMultipliers } from '../cross-table.ts';
import type { Parameter } from '../parameter.ts';
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

/** Two look-ups far apart, and divisions of whole numbers, for one pair of features: in multiply-adds, by the time they take. */
const costOfPair = 150;

/** Parameters of the layer by what they hold; see `CrossTable` and `CrossedPlaces`. */
export const crossParts = ['firsts', 'seconds', 'weights', 'usual', 'known'] as const;

export const crosses: LayerKind<CrossesLayer> = {
  width: () => 1,
  parameters: ({ name, of, slots }, { inputs }) => {
    const parameter = (part: (typeof crossParts)[number], shape: readonly number[]): Parameter => ({
      name: `${name}.${part}`,
      shape,
      initial: 'zeros',
      fanIn: 1,
      fanOut: 1,
      fixed: true,
    });
    return [
      parameter('firsts', [slots]),
      parameter('seconds', [slots]),
      parameter('weights', [slots]),
      parameter('usual', [of.length, 1]),
      parameter('known', [inputs.idRows]),
    ];
  },
  cost: ({ of }) => of.length * costOfPair,
  apply: ({ name, of, multipliers }, { inputs }, operators) => {
    const [firsts, seconds, weights, usual, known] = crossParts.map((part) => operators.parameter(`${name}.${part}`));
    const table = { firsts: firsts!, seconds: seconds!, weights: weights!, multipliers };
    return operators.crosses(inputs.fields, { of, usual: usual!, known: known! }, table);
  },
};
