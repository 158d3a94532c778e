import type { Layer } from '../layers/layers.ts';
import type { Stream, StreamInput } from './stream.ts';

export interface BoostedTreesOptions {
  readonly stream: 'boosted-trees';
  readonly trees: number;
  readonly depth: number;
}

/**
 * Decision trees over the row's numbers, what its image says, and a number for each of its ids, side by side in this order. Source: J. Friedman, "Greedy
 * Function Approximation: A Gradient Boosting Machine", 2001.
 */
export function boostedTrees({ ids, linear }: StreamInput, options: BoostedTreesOptions): Stream {
  const layers: Layer[] = ids ? [{ op: 'id-numbers', name: 'trees.ids' }] : [];
  layers.push(
    { op: 'concat', name: 'trees.read', of: [...linear, ...layers.map(({ name }) => name)] },
    { op: 'trees', name: 'trees', of: 'trees.read', trees: options.trees, depth: options.depth },
  );
  return { layers, logit: 'trees' };
}
