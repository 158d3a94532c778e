import type { LayerKind } from './layer-kind.ts';

/**
 * The sum of many small decision trees, one wide. Each is complete: node n of a tree sends a row to 2n + 1 where its number is at most the threshold,
 * else to 2n + 2, `depth` times; then comes a leaf. A node that does not split has the threshold ∞. Fitted at once and fixed in training.
 */
export interface TreesLayer {
  readonly op: 'trees';
  readonly name: string;
  /** The numbers that trees look at, by their place in this layer. */
  readonly of: string;
  readonly trees: number;
  readonly depth: number;
}

export const trees: LayerKind<TreesLayer> = {
  width: () => 1,
  parameters: ({ name, trees: count, depth }) => {
    const [nodes, leaves] = [2 ** depth - 1, 2 ** depth];
    const fixed = { initial: 'zeros' as const, fanIn: 1, fanOut: 1, fixed: true };
    return [
      { name: `${name}.numbers`, shape: [count, nodes], ...fixed },
      { name: `${name}.thresholds`, shape: [count, nodes], ...fixed },
      { name: `${name}.leaves`, shape: [count, leaves], ...fixed },
    ];
  },
  cost: ({ trees: count, depth }) => count * depth,
  apply: ({ name, of, trees: count, depth }, _scope, operators, valueOf) => {
    const [numbers, thresholds, leaves] = ['numbers', 'thresholds', 'leaves'].map((part) =>
      operators.parameter(`${name}.${part}`),
    );
    return operators.trees(valueOf(of), { numbers: numbers!, thresholds: thresholds!, leaves: leaves!, count, depth });
  },
};
